using System.Diagnostics.CodeAnalysis;

namespace Halley.Server.Access;

/// <summary>What became of an operation: its value, or why it was refused. A method returns either by an implicit conversion.</summary>
internal sealed class Outcome<T>
    where T : notnull
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Why it was refused; null when it was done.</summary>
    public Refusal? Refusal { get; }

    [SuppressMessage(
        "Usage", "CA2225", Justification = "Operations return a value or a refusal; nothing is gained by a second name for it.")]
    public static implicit operator Outcome<T>(T value) => new(value, null);

    [SuppressMessage("Usage", "CA2225", Justification = "See above.")]
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    /// <summary>True with the value when it was done; false with the refusal otherwise.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }
}
