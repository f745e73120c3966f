using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Halley.Benchmarks.Load;

/// <summary>Reads a list of the second protocol version to its end, once.</summary>
internal sealed record ListRun(int Entries, TimeSpan FirstByte, TimeSpan Elapsed)
{
    // Lists come in chunks and once per round: the framework's client is light enough here.
    private static readonly HttpClient Http = new();

    public static ListRun Of(Target list)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(list.Server, list.Folder));
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.x.restic.rest.v2");
        if (list.Credentials is { } credentials)
        {
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        var clock = Stopwatch.StartNew();
        using var response = Http.Send(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var body = response.Content.ReadAsStream();
        var buffer = new byte[256 * 1024];
        var entries = 0;
        var firstByte = TimeSpan.Zero;
        while (body.Read(buffer) is var count and > 0)
        {
            firstByte = firstByte == TimeSpan.Zero ? clock.Elapsed : firstByte;
            entries += buffer.AsSpan(0, count).Count((byte)'{');
        }

        return new ListRun(entries, firstByte, clock.Elapsed);
    }
}
