using System.Diagnostics.CodeAnalysis;

namespace Halley.Protocol.Client;

/// <summary>The result of a request: the value that the server returned, or its refusal.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class ApiResult<T>
    where T : class
{
    private readonly T? _value;

    internal ApiResult(T? value, ApiRefusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Why the server refused; null when the request succeeded.</summary>
    public ApiRefusal? Refusal { get; }

    /// <summary>True with the value when the request succeeded; otherwise false with the refusal.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ApiRefusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }
}
