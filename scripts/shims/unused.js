// What markdown-it loads for links that it finds in prose, which wiredoc does not have it look for.
export class LinkifyIt {}
export default {};
