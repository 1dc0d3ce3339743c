package dev.moderato.streams.models;

import java.util.List;

/** Hears what became of announced policies and models. */
public interface DistributionListener {
    /** In force from now on. */
    void policyAccepted(String name, String version);

    /** Changes nothing: what was in force stays. */
    void policyRefused(String name, String version, String reason);

    /** No longer in force. */
    void policyRetired(String name);

    /** In service from now on. */
    void modelAccepted(ModelIdentity model);

    /**
     * Which labels of a policy in force are calibrated, but not for the model in service.
     *
     * @param labels none where all is well
     */
    void uncalibrated(String policy, ModelIdentity model, List<String> labels);

    /** Changes nothing: what was in service stays. */
    void modelRefused(String model, String reason);

    /** The topics cannot be followed at present: what is in force stays, what is new is not heard of. */
    void notFollowed(String reason);

    /** The topics are followed. */
    void followed();
}
