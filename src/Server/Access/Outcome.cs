using System.Diagnostics.CodeAnalysis;

namespace Halley.Server.Access;

/// <summary>The result of an operation: its value, or the reason for its refusal. Both convert implicitly.</summary>
internal sealed class Outcome<T>
    where T : notnull
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>The reason for the refusal; null if the operation was done.</summary>
    public Refusal? Refusal { get; }

    [SuppressMessage(
        "Usage", "CA2225", Justification = "Operations return a value or a refusal; nothing is gained by a second name for it.")]
    public static implicit operator Outcome<T>(T value) => new(value, null);

    [SuppressMessage("Usage", "CA2225", Justification = "See above.")]
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    /// <summary>Returns true with the value, or false with the refusal.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }
}
