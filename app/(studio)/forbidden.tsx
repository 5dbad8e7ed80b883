export { NotAllowed as default } from './_components/blank';
