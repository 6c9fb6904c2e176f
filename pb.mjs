import pb from "protobufjs";
import fs from "node:fs";
const root = new pb.Root();
console.log(Object.keys(pb));
const r = pb.parse(fs.readFileSync("/tmp/pbx/t.proto","utf8"), root, {keepCase:true, filename:"t.proto"});
console.log(r.package, r.imports, r.weakImports, r.syntax);
console.log(Object.keys(pb.common).map(String));
for (const i of r.imports) { const c = pb.common.get(i); console.log(i, !!c); if (c) root.addJSON(c.nested) }
try { root.resolveAll(); } catch (e) { console.log("ERR", e.message); }
const M = root.lookupType("a.b.M");
for (const f of M.fieldsArray) console.log(f.name, f.id, f.type, f.constructor.name, {rep:f.repeated, packed:f.packed, req:f.required, pres:f.hasPresence, del:f.delimited, map:f.map, kt:f.keyType, of:f.partOf?.name, rt:f.resolvedType?.fullName, ext:f.extensionField?.fullName, fn: f.fullName});
console.log(M.nestedArray.map(n=>[n.name,n.constructor.name]));
const r3 = new pb.Root(); pb.parse(fs.readFileSync("/tmp/pbx/t3.proto","utf8"), r3, {keepCase:true}); r3.resolveAll();
for (const f of r3.lookupType("P").fieldsArray) console.log(f.name, {rep:f.repeated, packed:f.packed, req:f.required, pres:f.hasPresence, map:f.map, of:f.partOf?.name});
for (const bad of ["message A {\n int32 a = ;\n}", "syntax=\"proto3\";\nmessage A {\n Foo a = 1;\n}", "message A { \n\n optional int32 a = 1; optional int32 b = 1; }","garbage", "message A {", 'syntax="proto9";', "message A { optional int32 a = 1;\n optional int32 a = 2;}"]) {
 try { const q = new pb.Root(); pb.parse(bad, q, {keepCase:true, filename:"x.proto"}); q.resolveAll(); console.log("fine", bad) } catch (e) { console.log(e.constructor.name, e.message) }
}
