using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Server.CometApi.Transport;
using Halley.Testing;
using Microsoft.AspNetCore.Routing;

namespace Halley.Server.Tests.CometApi;

/// <summary>
/// A walk through every call of the vendor's API that is built: refused without credentials, answered with exactly the fields of its type,
/// with parameters as the vendor's clients in different languages spell them.
/// </summary>
public sealed partial class WalkTests
{
    private const string UserPassword = "the password of walter";
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    [Theory]
    [DatabaseData]
    public async Task Every_call_that_is_built_answers_in_the_vendors_shape(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Kestrel = true });
        var built = host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.OfType<CometAudience>()
            .Any(audience => audience is not (CometAudience.Nobody or CometAudience.Everybody)))
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => VendorApi.Known.Endpoints.Any(call => call.Path == path))
            .Select(path => path["/api/v1/".Length..])
            .ToList();
        var steps = Steps().ToList();
        steps.InsertRange(1 + steps.FindIndex(step => step.Call == "admin/job/abandon"), DeviceSteps());
        Assert.Empty(built.Except(steps.Select(step => step.Call)).Except(LeftOut)); // every one is walked

        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Call == "admin/get-jobs-all")
            {
                await MakeJobAsync(host);
            }

            if (steps[i].Arguments.Any(argument => argument.Value == "<device>") && _device is not { Closed.IsCompleted: false })
            {
                await AttachAsync(host);
            }

            await WalkAsync(host, steps[i], emptyOptionals: i % 2 == 1, numericBooleans: i % 3 == 0);
            if (steps[i].Call.EndsWith("dispatcher/drop-connection", StringComparison.Ordinal)
                || steps[i].Call.EndsWith("/kill-process", StringComparison.Ordinal))
            {
                await _device!.ClosesAsync();
            }
        }
    }

    // Two end the process, two go together and take a file; SettingsTests have them.
    private static readonly string[] LeftOut =
        ["admin/meta/restart-service", "admin/meta/shutdown-service", "admin/meta/resource/new", "admin/meta/resource/get"];

    private async Task WalkAsync(ServerHost host, Step step, bool emptyOptionals, bool numericBooleans)
    {
        var call = VendorApi.Known.Endpoints.Single(known => known.Path == $"/api/v1/{step.Call}");
        var given = step.Arguments.ToDictionary(argument => argument.Name, argument => Fill(argument.Value));
        foreach (var parameter in call.Parameters)
        {
            if (!given.ContainsKey(parameter.Name) && !parameter.Required && emptyOptionals)
            {
                given[parameter.Name] = "";
            }
            else if (parameter.Encoding == "bool" && given.TryGetValue(parameter.Name, out var value) && numericBooleans)
            {
                given[parameter.Name] = value == "true" ? "1" : "0";
            }
        }

        var refusal = await host.CallCometAsync(step.Call, given);
        Assert.Equal(["Message", "Status"], refusal.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(403, refusal.GetProperty("Status").GetInt32());

        foreach (var (name, value) in Credentials(step))
        {
            given[name] = value;
        }

        using var content = new FormUrlEncodedContent(given);
        using var answer = await host.Http.PostAsync(new Uri(call.Path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(200, (int)answer.StatusCode);
        if (call.Response == "raw bytes")
        {
            var isText = step.Call == "admin/installation/dispatch/register-device"; // the one of them that is JSON
            Assert.Equal(isText, answer.Content.Headers.ContentType?.MediaType == "application/json");
            Assert.True(!isText || text == "\"OK\"", text);
            return;
        }

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        var json = JsonDocument.Parse(text).RootElement;
        var faults = VendorApi.Known.Faults(
            json, step.Status == Any && json.EnumerateObject().Count() == 2 ? "CometAPIResponseMessage" : call.Response).ToList();
        Assert.True(faults.Count == 0, $"{step.Call}: {string.Join("; ", faults)}\n{text}");
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("Status", out var status)
            && json.TryGetProperty("Message", out var message))
        {
            Assert.True(step.Status == Any || status.GetInt32() == step.Status, $"{step.Call}: {status} {message}");
        }

        foreach (var (name, path) in step.Learns)
        {
            var found = path switch
            {
                "" => json,
                "first" => json[0],
                "first-key" => default,
                _ => json.GetProperty(path),
            };
            _known[name] = path == "first-key"
                ? json.EnumerateObject().First().Name
                : found.ValueKind == JsonValueKind.String ? found.GetString()! : found.GetRawText();
        }
    }

    private async Task MakeJobAsync(ServerHost host)
    {
        using var device = await host.SignInAsync("walter", UserPassword);
        var job = new BackupJobDetail
        {
            GUID = _known["job"] = Guid.NewGuid().ToString(),
            Classification = JobClassification.Backup,
            Status = JobStatus.Running,
            StartTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        };
        using var content = new StringContent(JsonSerializer.Serialize(job, CometJson.Options), Encoding.UTF8, "application/json");
        using var answer = await device.PostAsync(new Uri(Routes.OwnJobs, UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static IEnumerable<(string Name, string Value)> Credentials(Step step) => step.As switch
    {
        "user" => [("Username", "walter"), ("AuthType", "Password"), ("Password", UserPassword)],
        _ => [("Username", ServerHost.Username), ("AuthType", "Password"), ("Password", ServerHost.Password)],
    };

    private string Fill(string text) => Placeholder().Replace(text, match => _known[match.Groups[1].Value]);

    [GeneratedRegex(@"<([a-z-]+)>")]
    private static partial Regex Placeholder();

    private sealed record Step(
        string Call, (string Name, string Value)[] Arguments, (string Name, string Path)[] Learns, string As = "admin", int Status = 200);
}
