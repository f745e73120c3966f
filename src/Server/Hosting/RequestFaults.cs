using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace Halley.Server.Hosting;

/// <summary>
/// Says what is wrong with a request that does not fit its address: which field or parameter, what was given, and what is allowed.
/// </summary>
internal static partial class RequestFaults
{
    public const string BadRequest = "bad_request";
    public const string UnknownField = "unknown_field";
    private const int LongestShown = 60;

    // Never repeated, neither in an answer nor, through it, in somebody's log.
    private static readonly string[] Secrets = ["password", "secret", "token", "key", "code", "hash"];

    /// <summary>Null for a failure of another kind.</summary>
    public static async Task<ExplainedFailure?> OfAsync(HttpContext context, Exception failure) => failure switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest, InnerException: JsonException json } =>
            await OfBodyAsync(context, json),
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Wrong(OfParameter(bad.Message)),
        _ => null,
    };

    /// <summary>Refuses a parameter whose value cannot be read as its type.</summary>
    public static Task RefuseAsync(HttpContext context, string name, Type type, string value)
    {
        var allowed = Allowed(type, context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        return Problems.BadRequest(BadRequest, $"{name} must be {allowed}; {Shown(value)} is not.").ExecuteAsync(context);
    }

    private static ExplainedFailure Wrong(string detail, string code = BadRequest) => new(StatusCodes.Status400BadRequest, code, detail);

    private static string OfParameter(string message)
    {
        if (NotBound().Match(message) is { Success: true } wrong)
        {
            var (name, type, value) = (wrong.Groups["name"].Value, wrong.Groups["type"].Value, wrong.Groups["value"].Value);
            return $"{name} must be {Allowed(type)}; {Shown(value)} is not.";
        }

        return NotGiven().Match(message) is not { Success: true } missing ? Problems.ForStatus(StatusCodes.Status400BadRequest).Detail
            : message.Contains("body", StringComparison.Ordinal) ? "Send a JSON body."
            : $"{missing.Groups["name"].Value} is missing. It must be {Allowed(missing.Groups["type"].Value)}.";
    }

    private static async Task<ExplainedFailure> OfBodyAsync(HttpContext context, JsonException json)
    {
        var root = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        if (Unmapped().Match(json.Message) is { Success: true } unmapped)
        {
            var type = root?.Assembly.GetType(unmapped.Groups["type"].Value);
            var names = type is null ? [] : options.GetTypeInfo(type).Properties.Select(one => one.Name);
            var fields = type is null ? "" : $" It takes {string.Join(", ", names)}.";
            return Wrong($"There is no field {Shown(unmapped.Groups["name"].Value)} here.{fields}", UnknownField);
        }

        if (Required().Match(json.Message) is { Success: true } required)
        {
            return Wrong($"The field {required.Groups["names"].Value.Replace("'", "", StringComparison.Ordinal)} is missing.");
        }

        var path = (json.Path ?? "$").TrimStart('$').TrimStart('.');
        if (!json.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
        {
            var isOurs = path.Length > 0 && json.InnerException is null && !json.Message.Contains("LineNumber", StringComparison.Ordinal);
            var where = $"line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}";
            return Wrong(isOurs
                ? $"The field {path} cannot be taken: {json.Message}"
                : $"The body is not JSON: {json.Message.Split(" Path:")[0]} ({where})");
        }

        var wanted = root is null ? null : TypeAt(options, root, path);
        var isWord = wanted is not null && (Nullable.GetUnderlyingType(wanted) ?? wanted).IsEnum; // "keyMode" is no key
        var given = IsSecret(path) && !isWord ? null : await GivenAsync(context.Request, path);
        var what = path.Length == 0 ? "The body" : $"The field {path}";
        var allowed = wanted is null ? "of another type" : Allowed(wanted, options);
        return Wrong($"{what} must be {allowed}" + (given is null ? "." : $"; {Shown(given)} is not."));
    }

    private static bool IsSecret(string path) =>
        Secrets.Any(secret => path.Split('.')[^1].Contains(secret, StringComparison.OrdinalIgnoreCase));

    private static Type? TypeAt(JsonSerializerOptions options, Type root, string path)
    {
        var type = root;
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = name.Split('[')[0];
            var info = options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
            if (info.Properties.FirstOrDefault(one => one.Name.Equals(bare, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                return null;
            }

            var isEntry = name.Contains('[', StringComparison.Ordinal);
            type = isEntry ? options.GetTypeInfo(property.PropertyType).ElementType : property.PropertyType;
            if (type is null)
            {
                return null;
            }
        }

        return type;
    }

    private static string Allowed(Type type, JsonSerializerOptions options)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(value => Word(value, type, options)))}"
            : type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) ? "a list"
            : options.GetTypeInfo(type).Kind == System.Text.Json.Serialization.Metadata.JsonTypeInfoKind.Object ? "an object"
            : Allowed(type.Name);
    }

    private static string Word(object value, Type type, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(value, type, options).Trim('"');

    // The framework writes int?, System.Int32? or Nullable<int>.
    private static string Allowed(string typeName) => typeName.TrimEnd('?', '>').Split('<', '.', ':')[^1] switch
    {
        "Guid" => "a GUID, such as 0b6ce5cd-5fd6-4a8e-9f3a-3f1a1f0a9a11",
        "int" or "long" or "Int32" or "Int64" or "UInt64" or "short" or "Int16" => "a whole number",
        "double" or "Double" or "decimal" or "Decimal" => "a number",
        "bool" or "Boolean" => "true or false",
        "DateTime" or "DateTimeOffset" => "a UTC time, such as 2026-11-27T15:00:00Z",
        "DateOnly" => "a day, such as 2026-11-27",
        "string" or "String" => "text",
        var other => $"a {other}",
    };

    // The value in the body, which is small and was kept for this (see KeepBody).
    private static async Task<string?> GivenAsync(HttpRequest request, string path)
    {
        if (!request.Body.CanSeek)
        {
            return null;
        }

        request.Body.Position = 0;
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            var at = body.RootElement;
            foreach (Match step in Step().Matches(path))
            {
                at = step.Groups["index"] is { Success: true } index
                    ? at[int.Parse(index.ValueSpan, System.Globalization.CultureInfo.InvariantCulture)]
                    : at.EnumerateObject().Last(one => one.Name.Equals(step.Value, StringComparison.OrdinalIgnoreCase)).Value;
            }

            return at.GetRawText();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static string Shown(string text)
    {
        var part = text.Length > LongestShown ? $"{text[..LongestShown]}…" : text;
        return string.Concat(part.Select(letter => char.IsControl(letter) ? ' ' : letter));
    }

    /// <summary>Keeps the small body of a request until it is answered, so that the answer can name the wrong value.</summary>
    public static Task KeepBody(HttpContext context, RequestDelegate next)
    {
        const int Small = 64 * 1024;
        if (context.Request.ContentLength is > 0 and <= Small && context.Request.HasJsonContentType())
        {
            context.Request.EnableBuffering(Small);
        }

        return next(context);
    }

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>\w+)" from "(?<value>.*)"\.?$""", RegexOptions.Singleline)]
    private static partial Regex NotBound();

    [GeneratedRegex("""parameter "(?<type>.+) (?<name>\w+)" was not provided""")]
    private static partial Regex NotGiven();

    [GeneratedRegex("^The JSON property '(?<name>.*?)' could not be mapped to any .NET member contained in type '(?<type>.*?)'")]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (?<names>.*?)\\.?$")]
    private static partial Regex Required();

    [GeneratedRegex(@"\[(?<index>\d+)\]|[^.\[\]]+")]
    private static partial Regex Step();
}
