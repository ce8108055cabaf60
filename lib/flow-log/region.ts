/**
 * Names of Regions in every partition: `eu-central-1`, `us-gov-west-1`, `cn-north-1`, `eusc-de-east-1`, `us-isob-east-1`.
 * https://docs.aws.amazon.com/general/latest/gr/rande.html
 */
export const REGION_PATTERN = '[a-z]{2,4}(-[a-z]+)+-\\d{1,2}';

const REGION = new RegExp(`^${REGION_PATTERN}$`);

export const isRegion = (name: string): boolean => REGION.test(name);
