/** Style sheets as text: the build puts them into the report. */
declare module '*.css' {
  const text: string;
  export default text;
}
