using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.KeyFiles;

/// <summary>How much work a password costs.</summary>
/// <param name="N">Power of two: iterations and blocks of memory.</param>
/// <param name="R">Size of a block in units of 128 bytes.</param>
/// <param name="P">How often it is done.</param>
public readonly record struct ScryptParameters(int N, int R, int P)
{
    private const int MostParallel = 16;

    private static readonly TimeSpan Wanted = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// For an E-key: 128 random bits cannot be guessed however cheap a guess is, so each opening of the vault may be cheap as well.
    /// </summary>
    public static ScryptParameters ForRandomKey { get; } = new(1 << 10, 8, 1);

    /// <summary>The minimum for a password chosen by a person: 32 MiB, three times (OWASP, 2023).</summary>
    public static ScryptParameters Weakest { get; } = new(1 << 15, 8, 3);

    /// <summary>
    /// False when a key file requires more than 1 GiB of memory or minutes of work, or has parameters that scrypt does not allow. An
    /// attacker with write access to the store could otherwise stop every client with such a file.
    /// </summary>
    public bool IsAcceptable => Scrypt.Accepts(N, R, P);

    /// <summary>Parameters that keep this machine busy for about half a second, never less than <see cref="Weakest"/>.</summary>
    public static ScryptParameters Calibrate(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Span<byte> key = stackalloc byte[64];
        var twice = Weakest with { P = 2 };
        var start = time.GetTimestamp();
        Scrypt.DeriveKey("calibration"u8, key, twice.N, twice.R, twice.P, key);
        var took = time.GetElapsedTime(start);
        var parallel = took <= TimeSpan.Zero ? MostParallel : (int)Math.Clamp(twice.P * (Wanted / took), Weakest.P, MostParallel);
        return twice with { P = parallel };
    }

}
