using System.Diagnostics.CodeAnalysis;

namespace Halley.Protocol.Client;

/// <summary>What became of a request: the value that the server returned, or why it refused.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class ApiResult<T>
    where T : class
{
    private readonly T? _value;

    internal ApiResult(T? value, ApiRefusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Why the server refused; null when it did what it was asked.</summary>
    public ApiRefusal? Refusal { get; }

    /// <summary>True with the value when the server did what it was asked; false with the refusal otherwise.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ApiRefusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }
}
