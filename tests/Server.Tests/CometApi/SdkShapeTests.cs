using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.CometApi;

/// <summary>The calls that integrations make most, byte for byte as the clients of each language put them on the wire.</summary>
public sealed class SdkShapeTests(SdkShapeTests.Server server) : IClassFixture<SdkShapeTests.Server>
{
    private const string Form = "application/x-www-form-urlencoded";
    private ServerHost Host => server.Host;

    public static TheoryData<string> Clients() => [.. Shapes.Keys];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_signs_in_reads_and_saves_a_profile_and_lists_buckets_and_jobs(string client)
    {
        var shape = Shapes[client];
        var started = await CallAsync(shape, "account/session-start", ByPassword, ("SelfAddress", ""));
        Assert.Equal((200, "OK", "admin"),
            (started.StatusOf(), started.GetProperty("Message").GetString(), started.GetProperty("SessionType").GetString()));
        var credentials = shape.UsesSessions
            ? [("Username", ServerHost.Username), ("AuthType", "SessionKey"),
                ("SessionKey", started.GetProperty("SessionKey").GetString()!)]
            : ByPassword;

        var read = await CallAsync(shape, "get-user-profile-and-hash", credentials, ("TargetUser", User));
        Assert.Equal((200, User), (read.StatusOf(), read.GetProperty("Profile").GetProperty("Username").GetString()));
        var document = JsonNode.Parse(read.GetProperty("Profile").GetRawText())!;
        document["AccountName"] = $"Saved by {client}";
        var profile = document.ToJsonString();
        (string, string)[] request =
        [
            ("TargetUser", User), ("ProfileData", profile),
            ("RequireHash", read.GetProperty("ProfileHash").GetString()!), ("AdminOptions", ""),
        ];
        var saved = await CallAsync(shape, "set-user-profile-hash", credentials, request);
        Assert.Equal(200, saved.StatusOf());
        Assert.NotEqual(read.GetProperty("ProfileHash").GetString(), saved.GetProperty("ProfileHash").GetString());
        Assert.Equal($"Saved by {client}", (await Host.ReadProfileAsync()).Profile.AccountName);
        Assert.Equal(409, (await CallAsync(shape, "set-user-profile-hash", credentials, request)).StatusOf());

        Assert.Contains(
            "bucket-1", (await CallAsync(shape, "storage/list-buckets", credentials)).EnumerateObject().Select(bucket => bucket.Name));
        var jobs = await CallAsync(shape, "get-jobs-for-date-range", credentials, ("Start", "1700000000"), ("End", "2000000000"));
        Assert.Equal((JsonValueKind.Array, 0), (jobs.ValueKind, jobs.GetArrayLength()));
        var more = await CallAsync(
            shape, "storage/register-bucket", credentials, ("SetBucketValue", ""), ("SetKeyHashFormat", ""), ("SetKeyHashValue", ""));
        Assert.Equal(200, more.StatusOf());
        foreach (var simple in new[] { shape.Truth(true), shape.Truth(false) })
        {
            Assert.Equal(JsonValueKind.Object, (await CallAsync(shape, "meta/stats", credentials, ("Simple", simple))).ValueKind);
        }
    }

    // What a client of each language sends beside the fields: its own headers, its own way of writing values and addresses.
    private static readonly Dictionary<string, Shape> Shapes = new()
    {
        ["Go"] = new(Form, Encode, UsesSessions: true) { Headers = [("User-Agent", "comet-go-sdk/25.9.6"), ("Accept-Encoding", "gzip")] },
        [".NET"] = new(Form, Encode) { Headers = [("User-Agent", "comet-dotnet-sdk/25.9.8")] },
        ["PHP"] = new(Form, Encode, UsesSessions: true)
        {
            Headers = [("Accept-Encoding", "gzip"), ("Accept-Language", "es")],
            One = "1",
            Zero = "0",
        },
        ["JavaScript"] =
            new(Form + "; charset=UTF-8", value => Uri.EscapeDataString(value)) { Headers = [("Accept", "*/*")], One = "1", Zero = "0" },
        ["Ruby"] = new(Form, Encode)
        {
            Headers = [("Accept-Encoding", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"), ("Accept", "*/*")],
            One = "1",
            Zero = "0",
        },
        // Values go as they are, and the address has a slash too many.
        ["Java"] = new(Form, value => value) { Root = "//api/v1/admin/" },
        ["Python"] = new(Form, Encode) { Headers = [("User-Agent", "python-requests/2.32"), ("Accept-Encoding", "gzip, deflate, br")] },
        ["curl"] =
            new(Form, value => Uri.EscapeDataString(value)) { Headers = [("Accept", "*/*"), ("User-Agent", "curl/8.5.0")], Tail = "/" },
        ["curl with headers"] = new(Form, Encode) { Headers = [("Accept", "*/*")], InHeaders = true },
    };

    private static readonly (string, string)[] ByPassword =
        [("Username", ServerHost.Username), ("AuthType", "Password"), ("Password", ServerHost.Password)];

    private static string Encode(string value) => WebUtility.UrlEncode(value);

    private async Task<JsonElement> CallAsync(
        Shape shape, string call, (string Name, string Value)[] credentials, params (string Name, string Value)[] fields)
    {
        var body = shape.InHeaders ? fields : [.. credentials, .. fields];
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{Host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}{shape.Root}{call}{shape.Tail}")
        {
            Content = new ByteArrayContent(
                Encoding.UTF8.GetBytes(string.Join('&', body.Select(field => $"{field.Name}={shape.Write(field.Value)}")))),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(shape.ContentType);
        foreach (var (name, value) in shape.InHeaders
            ? [.. shape.Headers, .. credentials.Select(one => ($"X-Comet-Admin-{one.Name}", one.Value))]
            : shape.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });
        using var answer = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    public sealed class Server : IAsyncLifetime
    {
        public ServerHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
            await Host.AddUserAsync();
            await Host.AsAdministratorAsync("storage/register-bucket", ("SetBucketValue", "bucket-1"));
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }

    private sealed record Shape(string ContentType, Func<string, string> Write, bool UsesSessions = false)
    {
        public (string Name, string Value)[] Headers { get; init; } = [];

        public string Root { get; init; } = "/api/v1/admin/";

        public string Tail { get; init; } = "";

        public string One { get; init; } = "true";

        public string Zero { get; init; } = "false";

        public bool InHeaders { get; init; }

        public string Truth(bool value) => value ? One : Zero;
    }
}
