using Halley.Testing;

namespace Halley.Server.Tests.CometApi;

public class WebAuthnTests
{
    private static readonly KeyValuePair<string, string>[] ByPassword =
        [new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)];

    [Fact]
    public async Task Challenge_has_the_vendors_shape_and_wrong_answers_are_refused()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var session = await host.StartSessionAsync();
        KeyValuePair<string, string>[] bySession =
            [new("Username", ServerHost.Username), new("AuthType", "SessionKey"), new("SessionKey", session.SessionKey)];

        var asked = await host.CallCometAsync(
            "admin/account/webauthn/request-registration-challenge", [.. ByPassword, new("SelfAddress", "http://localhost/")]);
        var challenge = asked.GetProperty("ChallengeID").GetString()!;
        var options = asked.GetProperty("CredentialCreationOptions");

        Assert.Equal(
            ["Status", "Message", "ChallengeID", "CredentialCreationOptions"], asked.EnumerateObject().Select(field => field.Name));
        Assert.True(options.GetProperty("challenge").GetBytesFromBase64().Length >= 16);
        Assert.Equal("localhost", options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal(ServerHost.Username, options.GetProperty("user").GetProperty("name").GetString());
        Assert.NotEmpty(options.GetProperty("user").GetProperty("id").GetBytesFromBase64());
        Assert.Equal(403, await AnswerAsync(host, bySession, challenge, "{}"));
        foreach (var answer in new[] { "", "{}", "null", "[]", "not json",
            """{"id":"AA","rawId":"AA","type":"public-key","response":{}}""" })
        {
            Assert.Equal(400, await AnswerAsync(host, ByPassword, challenge, answer));
            challenge = (await host.CallCometAsync("admin/account/webauthn/request-registration-challenge", ByPassword))
                .GetProperty("ChallengeID").GetString()!;
        }

        Assert.Equal(400, await AnswerAsync(host, ByPassword, "made up", "{}"));
    }

    private static async Task<int> AnswerAsync(ServerHost host, KeyValuePair<string, string>[] credentials, string challenge, string answer)
    {
        var said = await host.CallCometAsync(
            "admin/account/webauthn/submit-challenge-response", [.. credentials, new("ChallengeID", challenge), new("Credential", answer)]);
        return said.GetProperty("Status").GetInt32();
    }
}
