import * as z from 'zod';

/** An hour of delivery in the input of a function. */
export const hourSchema = z.string().regex(/^\d{4}\/\d{2}\/\d{2}\/\d{2}$/, 'expected YYYY/MM/DD/HH');
