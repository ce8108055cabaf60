const words = (id: string, separator: string) =>
  id
    .replace(/([a-z0-9])([A-Z])/g, `$1${separator}$2`)
    .replace(/[^A-Za-z0-9]+/g, separator)
    .toLowerCase();

/** A Glue name from a construct id: `MyVpc` to `my_vpc`. */
export const snakeCase = (id: string): string => words(id, '_');

/** A folder name from a construct id: `MyVpc` to `my-vpc`. */
export const kebabCase = (id: string): string => words(id, '-');
