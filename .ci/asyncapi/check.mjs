import {readFileSync} from 'node:fs';
import {Parser} from '@asyncapi/parser';
import {AvroSchemaParser} from '@asyncapi/avro-schema-parser';
const parser = new Parser();
parser.registerSchemaParser(AvroSchemaParser());
const {document, diagnostics} = await parser.parse(readFileSync(process.argv[2], 'utf8'));
for (const d of diagnostics) console.log(['error','warning','info','hint'][d.severity], d.path.join('.'), d.message);
if (!document || diagnostics.some(d => d.severity === 0)) process.exit(1);
console.log(`valid AsyncAPI ${document.version()}: ${document.channels().length} channels, ${document.messages().length} messages`);
