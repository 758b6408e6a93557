"""overlay.py REAL PATH FOLDER: makes a copy of upstream's validation that writes down each definition it is given, and the overlay with which Go compiles the copy."""

import json
import re
import sys

real, path, folder = sys.argv[1:]
source = open(real).read()
source = source.replace("import (\n", 'import (\n\tkeepjson "encoding/json"\n\tkeepos "os"\n', 1)
source = re.sub(r"(func ValidateCustomResourceDefinition\([^)]*\)[^{]*\{\n)", r"\1\tkeep(obj)\n", source, count=1)
wrapped = """\tif customResourceValidation != nil {
\t\tkept := &apiextensions.CustomResourceDefinition{}
\t\tkept.Name = "things.example.com"
\t\tkept.Spec.Group = "example.com"
\t\tkept.Spec.Scope = "Namespaced"
\t\tkept.Spec.Names = apiextensions.CustomResourceDefinitionNames{Plural: "things", Singular: "thing", Kind: "Thing", ListKind: "ThingList"}
\t\tversion := apiextensions.CustomResourceDefinitionVersion{Name: "v1", Served: true, Storage: true, Schema: customResourceValidation}
\t\tif statusSubresourceEnabled {
\t\t\tversion.Subresources = &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}}
\t\t}
\t\tkept.Spec.Versions = []apiextensions.CustomResourceDefinitionVersion{version}
\t\tkeep(kept)
\t}
"""
source = re.sub(r"(func validateCustomResourceDefinitionValidation\([^)]*\)[^{]*\{\n)", lambda m: m.group(1) + wrapped, source, count=1)
source += """
func keep(in *apiextensions.CustomResourceDefinition) {
\tout := &apiextensionsv1.CustomResourceDefinition{}
\tif apiextensionsv1.Convert_apiextensions_CustomResourceDefinition_To_v1_CustomResourceDefinition(in, out, nil) != nil {
\t\treturn
\t}
\tout.APIVersion, out.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
\tif text, err := keepjson.Marshal(out); err == nil {
\t\tfile, _ := keepos.OpenFile(keepos.Getenv("DEFINITIONS"), keepos.O_APPEND|keepos.O_CREATE|keepos.O_WRONLY, 0644)
\t\tfile.Write(append(text, '\\n'))
\t\tfile.Close()
\t}
}
"""
copy = folder + "/validation.go"
open(copy, "w").write(source)
json.dump({"Replace": {real: copy, path: copy}}, open(folder + "/overlay.json", "w"))
