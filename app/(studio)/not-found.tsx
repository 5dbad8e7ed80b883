export { NothingHere as default } from './_components/blank';
