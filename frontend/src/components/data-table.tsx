export { DataTable, type Column, type Sort } from "./data-table/data-table";
