/** `npm run scale`: what a network of a hundred gigabytes and of a terabyte a day uses, and what breaks first. docs/scale.md */
import { dayTable, dollarTable, limitTable, plain } from './print';

for (const table of [limitTable(false), dayTable(), dollarTable()]) console.log(`${plain(table)}\n`);
