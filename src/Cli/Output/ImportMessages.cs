using System.Text.Json.Serialization;

namespace Halley.Cli.Output;

/// <summary>Ours: settings of another program that can be imported.</summary>
internal sealed record ImportSourceObject(string Id, string Name, string File);

/// <summary>Ours: what becomes of one setting: <c>imported</c>, <c>changed</c> or <c>not_imported</c>.</summary>
internal sealed record ImportLineMessage(string Place, string Verdict, string Text) : Message("import_line");

/// <summary>Ours: what an import adds.</summary>
internal sealed record ImportSummary(bool Applied, int Items, int Vaults, int Rules, int NotImported) : Message("summary");

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(IReadOnlyList<ImportSourceObject>))]
[JsonSerializable(typeof(ImportLineMessage))]
[JsonSerializable(typeof(ImportSummary))]
internal sealed partial class ImportJson : JsonSerializerContext;
