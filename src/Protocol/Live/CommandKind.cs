using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Live;

/// <summary>One kind of command of the <see cref="CommandCatalog"/>.</summary>
public abstract class CommandKind
{
    // A field that a record requires may be neither missing nor null.
    private protected static readonly JsonSerializerOptions Json =
        new(CometJson.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private protected CommandKind(string name, string title, TimeSpan? patience, bool showsFileNames) =>
        (Name, Title, Patience, ShowsFileNames) = (name, title, patience ?? TimeSpan.FromMinutes(1), showsFileNames);

    /// <summary>The name in messages and requests, such as <c>run-rule</c>.</summary>
    public string Name { get; }

    /// <summary>The name for people, in English; the rule or vault the command is about may follow it.</summary>
    public string Title { get; }

    /// <summary>How long the server waits for the answer once the device has accepted the command.</summary>
    public TimeSpan Patience { get; }

    /// <summary>True when the answer has names of files, which the user of the device may hide.</summary>
    public bool ShowsFileNames { get; }

    /// <summary>Returns null when the JSON is valid as arguments of this kind, otherwise a sentence that says what is wrong.</summary>
    public abstract string? ProblemWith(string arguments);

    /// <summary>True when the JSON is a valid answer of this kind; always true for kinds without an answer.</summary>
    public virtual bool IsAnswer(string answer) => true;
}

/// <summary>A kind of command whose answer is only whether it was done.</summary>
/// <typeparam name="TArguments">The record of its arguments.</typeparam>
public class CommandKind<TArguments> : CommandKind
    where TArguments : class
{
    private static readonly JsonTypeInfo<TArguments> Arguments = (JsonTypeInfo<TArguments>)Json.GetTypeInfo(typeof(TArguments));

    internal CommandKind(string name, string title, TimeSpan? patience, bool showsFileNames)
        : base(name, title, patience, showsFileNames)
    {
    }

    /// <summary>The arguments as JSON, for <see cref="DeviceCommand.Arguments"/>.</summary>
    public string Write(TArguments arguments) => JsonSerializer.Serialize(arguments, Arguments);

    /// <summary>The arguments of a <see cref="DeviceCommand"/> of this kind.</summary>
    /// <exception cref="JsonException">They are not those of this kind.</exception>
    public TArguments Read(string arguments) =>
        JsonSerializer.Deserialize(arguments, Arguments) ?? throw new JsonException("The arguments must be an object.");

    /// <summary>The request that gives a device this command.</summary>
    public GiveCommand Request(TArguments arguments) => new(Name, JsonSerializer.SerializeToElement(arguments, Arguments));

    /// <inheritdoc/>
    public override string? ProblemWith(string arguments)
    {
        try
        {
            return JsonSerializer.Deserialize(arguments, Arguments) is null ? "The arguments must be an object." : null;
        }
        catch (JsonException failure)
        {
            var place = failure.Path is { Length: > 0 } path ? $" at {path}" : "";
            return $"The arguments of {Name} are invalid{place}: they must be {Shape()}.";
        }
    }

    private static string Shape()
    {
        var fields = Arguments.Properties.Select(field => $"\"{field.Name}\"{(field.IsRequired ? "" : "?")}: …");
        return $"{{{string.Join(", ", fields)}}}";
    }
}

/// <summary>A kind of command that asks the device for something.</summary>
/// <typeparam name="TArguments">The record of its arguments.</typeparam>
/// <typeparam name="TAnswer">What the device answers.</typeparam>
public sealed class CommandKind<TArguments, TAnswer> : CommandKind<TArguments>
    where TArguments : class
    where TAnswer : class
{
    internal CommandKind(string name, string title, TimeSpan? patience, bool showsFileNames)
        : base(name, title, patience, showsFileNames)
    {
    }

    /// <summary>The answer as JSON, for <see cref="CommandReport.Answer"/>.</summary>
    public string WriteAnswer(TAnswer answer) => CometJson.Write(answer);

    /// <summary>The answer of a device, for which <see cref="IsAnswer"/> is true.</summary>
    public TAnswer ReadAnswer(string answer) =>
        JsonSerializer.Deserialize(answer, CometJson.TypeOf<TAnswer>()) ?? throw new JsonException("The answer must not be null.");

    /// <inheritdoc/>
    public override bool IsAnswer(string answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, CometJson.TypeOf<TAnswer>()) is { } read && !CometJson.HasGaps(read);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
