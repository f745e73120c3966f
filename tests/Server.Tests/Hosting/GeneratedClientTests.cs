using Halley.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace Halley.Server.Tests.Hosting;

/// <summary>Programs of others are written against the documents: a client that a generator makes of each compiles.</summary>
public class GeneratedClientTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Client_generated_from_a_document_compiles(string name)
    {
        var document = await OpenApiDocument.FromFileAsync(Path.Combine(Checkout.Root, "docs", "openapi", $"{name}.json"));
        var settings = new CSharpClientGeneratorSettings { ClassName = "{controller}Client" };
        settings.CSharpGeneratorSettings.Namespace = "Generated";
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
        var code = new CSharpClientGenerator(document, settings).GenerateFile();

        var parsed = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(documentationMode: DocumentationMode.None));
        var compiled = CSharpCompilation.Create(
            "Generated", [parsed], References(), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, concurrentBuild: false));

        Assert.Empty(compiled.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        // The generator writes this comment into the method of each operation.
        Assert.Equal(document.Operations.Count(), code.Split("// Operation Path: ").Length - 1);
    }

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file));
}
