using Kobune.Api.Generator;
using Kobune.Api.Schema.Text;

if (args is not [var schemaFolder, var outputFolder])
{
    Console.Error.WriteLine("usage: Kobune.Api.Generator <schema folder> <output folder>");
    return 2;
}

var files = Directory.EnumerateFiles(schemaFolder, "*.schema").Order(StringComparer.Ordinal).Select(f => SchemaParser.Parse(File.ReadAllText(f))).ToList();
var catalog = new TypeCatalog(files);
Directory.CreateDirectory(outputFolder);
var wanted = new HashSet<string>();
foreach (var file in files)
{
    var path = Path.Combine(outputFolder, $"{file.Group}_{file.Version}.g.cs");
    wanted.Add(Path.GetFileName(path));
    var text = new FileEmitter(catalog, file).Emit();
    if (!File.Exists(path) || File.ReadAllText(path) != text)
    {
        File.WriteAllText(path, text);
    }
}

foreach (var stale in Directory.EnumerateFiles(outputFolder, "*.g.cs").Where(f => !wanted.Contains(Path.GetFileName(f))))
{
    File.Delete(stale);
}

return 0;
