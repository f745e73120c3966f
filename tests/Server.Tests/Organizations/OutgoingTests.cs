using System.Net;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Hosting;
using Halley.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.Organizations;

/// <summary>What an organization enters must not make this server ask its own network.</summary>
public class OutgoingTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.0.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("93.184.216.34", false)]
    [InlineData("::1", true)]
    [InlineData("::", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:93.184.216.34", false)]
    [InlineData("::127.0.0.1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("64:ff9b::a9fe:a9fe", true)]
    [InlineData("2002:7f00:1::", true)]
    [InlineData("2606:4700::1111", false)]
    public void Internal_addresses_are_known_in_all_their_forms(string address, bool isInternal) =>
        Assert.Equal(isInternal, InternalAddresses.Contain(IPAddress.Parse(address)));

    [Theory]
    [DatabaseData]
    public async Task Template_of_an_organization_does_not_reach_inside_and_one_of_the_server_does(TestDatabase database)
    {
        await using var inside = await Listener.StartAsync();
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var organization = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("anna", organization, """{"AllowEditRemoteStorage":true}""");
        await host.AddAccountAsync("user-a", organization);
        await host.AddAccountAsync("user-top");
        var port = inside.Address.Port;
        RemoteStorageOption[] templates =
        [
            Custom("by-address", $"http://127.0.0.1:{port}/"), Custom("by-name", $"http://localhost:{port}/"),
            Custom("mapped", $"http://[::ffff:127.0.0.1]:{port}/"),
            new() { ID = "server", Type = "comet", RemoteAddress = $"http://localhost:{port}", Username = "x", Password = "y" },
        ];
        foreach (var administrator in new[] { "anna", ServerHost.Username })
        {
            Assert.Equal(200, Tenants.StatusOf(await host.CallAsAsync(
                administrator, "meta/remote-storage-vault/set", ("RemoteStorageOptions", Tenants.ToJson(templates)))));
        }

        foreach (var template in templates)
        {
            var refused = await RequestAsync(host, "anna", "user-a", template.ID);
            Assert.Equal(400, Tenants.StatusOf(refused));
            Assert.Contains("inside the network", refused.GetProperty("Message").GetString(), StringComparison.Ordinal);
            Assert.Equal(400, Tenants.StatusOf(
                await host.CallAsAsync("anna", "meta/remote-storage-vault/test", ("TemplateOptions", Tenants.ToJson(template)))));
        }

        // Asked for by an administrator of the server, it is still what the organization has entered.
        Assert.Equal(400, Tenants.StatusOf(await RequestAsync(host, ServerHost.Username, "user-a", "by-name")));
        Assert.Equal(0, inside.Requests);
        Assert.Equal(200, Tenants.StatusOf(await RequestAsync(host, ServerHost.Username, "user-top", "by-name")));
        Assert.Equal(1, inside.Requests);
    }

    [Fact]
    public async Task Laboratory_may_allow_it_and_nobody_is_followed_elsewhere()
    {
        await using var inside = await Listener.StartAsync();
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Settings = { ["Halley:Outgoing:AllowInternalForOrganizations"] = "true" } });
        var organization = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("anna", organization, """{"AllowEditRemoteStorage":true}""");
        await host.AddAccountAsync("user-a", organization);
        var templates = Tenants.ToJson(
            new[] { Custom("direct", inside.Address.ToString()), Custom("elsewhere", new Uri(inside.Address, "/elsewhere").ToString()) });
        await host.CallAsAsync("anna", "meta/remote-storage-vault/set", ("RemoteStorageOptions", templates));

        Assert.Equal(200, Tenants.StatusOf(await RequestAsync(host, "anna", "user-a", "direct")));
        var redirected = await RequestAsync(host, "anna", "user-a", "elsewhere");
        Assert.Contains("status 307", redirected.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, inside.Requests);
    }

    private static Task<JsonElement> RequestAsync(ServerHost host, string administrator, string user, string template) =>
        host.CallAsAsync(administrator, "request-storage-vault", ("TargetUser", user), ("StorageProvider", template));

    private static RemoteStorageOption Custom(string id, string address) =>
        new() { ID = id, Type = "custom", Description = id, Custom = new CustomRemoteBucketSettings { URL = address } };

    /// <summary>Something inside the network that makes a place for whoever asks.</summary>
    private sealed class Listener(WebApplication app) : IAsyncDisposable
    {
        private int _requests;

        public int Requests => _requests;

        public Uri Address { get; private set; } = null!;

        public static async Task<Listener> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var listener = new Listener(app);
            app.Run(listener.AnswerAsync);
            await app.StartAsync();
            listener.Address =
                new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            return listener;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task AnswerAsync(HttpContext context)
        {
            Interlocked.Increment(ref _requests);
            if (context.Request.Path == "/elsewhere")
            {
                context.Response.StatusCode = 307;
                context.Response.Headers.Location = "/";
                return Task.CompletedTask;
            }

            return context.Response.WriteAsJsonAsync(new DestinationLocation { DestinationType = 1000 }, CometJson.Options);
        }
    }
}
