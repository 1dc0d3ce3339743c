package dev.moderato.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of the modules' dependencies, and what each outside library is kept to. */
@AnalyzeClasses(packages = "dev.moderato", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String STREAMS = "dev.moderato.streams..";
    private static final String TRAINER = "dev.moderato.trainer..";
    private static final String CLI = "dev.moderato.cli..";
    private static final String[] LIBS = {
        "dev.moderato.inference..",
        "dev.moderato.kernels..",
        "dev.moderato.onnx..",
        "dev.moderato.content..",
        "dev.moderato.bundles..",
        "dev.moderato.ops..",
        "dev.moderato.pictograms..",
        "dev.moderato.devstack.."
    };

    @ArchTest
    static final ArchRule servicesDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage(STREAMS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(TRAINER);

    @ArchTest
    static final ArchRule servicesDoNotKnowEachOtherEither = noClasses()
            .that()
            .resideInAPackage(TRAINER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(STREAMS);

    @ArchTest
    static final ArchRule nobodyDependsOnTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLI);

    @ArchTest
    static final ArchRule libsKnowNoService = noClasses()
            .that()
            .resideInAnyPackage(LIBS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STREAMS, TRAINER, CLI);

    @ArchTest
    static final ArchRule inferenceKnowsNoTransport = noClasses()
            .that()
            .resideInAPackage("dev.moderato.inference..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.moderato.schemas..",
                    "dev.moderato.events..",
                    "org.apache.kafka..",
                    "org.apache.avro..",
                    "java.net.http..",
                    "com.sun.net.httpserver..",
                    "org.apache.hc..");

    @ArchTest
    static final ArchRule onnxRuntimeStaysInClip = noClasses()
            .that()
            .resideOutsideOfPackage("dev.moderato.inference.clip..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule libtorchStaysInTrain = noClasses()
            .that()
            .resideOutsideOfPackage("dev.moderato.trainer.train..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.pytorch..");

    @ArchTest
    static final ArchRule openCvStaysInImage = noClasses()
            .that()
            .resideOutsideOfPackage("dev.moderato.inference.image..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.opencv..");

    @ArchTest
    static final ArchRule streamsInternalsStayInTheDrain = noClasses()
            .that(new DescribedPredicate<JavaClass>("are not the pre-commit drain") {
                @Override
                public boolean test(JavaClass type) {
                    return !type.getFullName().startsWith("dev.moderato.streams.emit.PreCommitDrain");
                }
            })
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka.streams..internals..");

    @ArchTest
    static final ArchRule theEnvironmentIsReadInRecords = classes()
            .that(new DescribedPredicate<JavaClass>("read the environment or system properties") {
                @Override
                public boolean test(JavaClass type) {
                    return type.getMethodCallsFromSelf().stream()
                            .anyMatch(
                                    call -> call.getTargetOwner().getFullName().equals("java.lang.System")
                                            && (call.getName().equals("getenv")
                                                    || call.getName().equals("getProperty")));
                }
            })
            .should()
            .beRecords();
}
