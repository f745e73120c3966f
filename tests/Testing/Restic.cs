namespace Halley.Testing;

/// <summary>
/// The restic of the machine, unmodified, on one repository. Every object has a cache of its own. Credentials travel in the
/// URL, because restic 0.14 (Debian 12) does not know <c>RESTIC_REST_USERNAME</c>.
/// </summary>
public sealed class Restic : IDisposable
{
    private readonly TemporaryDirectory _cache = new();
    private readonly string _repository;
    private readonly Dictionary<string, string> _environment;
    private readonly List<string> _globalOptions = [];

    public Restic(string repository, string password)
    {
        _repository = repository;
        _environment = new Dictionary<string, string>
        {
            ["RESTIC_PASSWORD"] = password,
            ["RESTIC_CACHE_DIR"] = _cache.Path,
            ["RESTIC_PROGRESS_FPS"] = "0.2",
        };
    }

    /// <summary>A certificate authority to trust; null for those of the machine.</summary>
    public string? CertificateFile
    {
        init
        {
            if (value is not null)
            {
                _globalOptions.AddRange(["--cacert", value]);
            }
        }
    }

    /// <summary>Reads every file from the server, none from a copy that an earlier command left here.</summary>
    public bool WithoutCache
    {
        init
        {
            if (value)
            {
                _globalOptions.Add("--no-cache");
            }
        }
    }

    /// <summary>
    /// Packs of 4 MiB, the least, instead of 16: a server has as many files to place and move as with a repository of four times the size.
    /// </summary>
    public bool WithSmallPacks
    {
        init
        {
            if (value)
            {
                _environment["RESTIC_PACK_SIZE"] = "4";
            }
        }
    }

    /// <summary>Repository in bucket <paramref name="bucketId"/> of the server (or proxy) at <paramref name="address"/>.</summary>
    public static string UrlOf(Uri address, string bucketId, string secret)
    {
        ArgumentNullException.ThrowIfNull(address);
        return $"rest:{address.Scheme}://{bucketId}:{secret}@{address.Authority}/vault/{bucketId}/";
    }

    /// <summary>Runs a command that is expected to work; throws with restic's own words when it does not.</summary>
    public async Task<ProgramRun> RunAsync(params string[] arguments) => (await TryAsync(arguments)).EnsureSuccess();

    /// <summary>Runs a command to its end and returns its result, success or not.</summary>
    public Task<ProgramRun> TryAsync(params string[] arguments) => StartAsync(arguments, stopAtLine: null);

    /// <summary>
    /// Runs a command until it prints <paramref name="text"/>, and then ends it. restic 0.14 retries an upload or a removal that was
    /// refused with 403 for a quarter of an hour; its first message is enough.
    /// </summary>
    public Task<ProgramRun> RunUntilAsync(string text, params string[] arguments) =>
        StartAsync(arguments, line => line.Contains(text, StringComparison.Ordinal));

    public void Dispose() => _cache.Dispose();

    private Task<ProgramRun> StartAsync(string[] arguments, Func<string, bool>? stopAtLine) => ExternalProgram.RunAsync(
        Tools.Require("restic", "restic"), ["-r", _repository, .. _globalOptions, .. arguments], _environment, stopAtLine: stopAtLine);
}
