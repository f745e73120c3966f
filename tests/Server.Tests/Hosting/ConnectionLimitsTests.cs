using System.Net;
using Halley.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Halley.Server.Tests.Hosting;

/// <summary>How many connections the server takes.</summary>
public sealed class ConnectionLimitsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");
    private static readonly IPAddress Proxy = IPAddress.Parse("10.1.2.3");

    [Fact]
    public void Half_of_the_descriptors_are_kept_and_one_address_gets_half_of_the_rest()
    {
        var limits = Limits(descriptors: 1500);

        Assert.Equal(375, Enumerable.Range(0, 2000).Count(_ => limits.TryEnter(Client)));
        Assert.Equal(375, Enumerable.Range(0, 2000).Count(_ => limits.TryEnter(IPAddress.Parse("192.0.2.8"))));
        Assert.False(limits.TryEnter(IPAddress.Parse("192.0.2.9")));
        limits.Leave(Client);
        Assert.True(limits.TryEnter(IPAddress.Parse("192.0.2.9")));
    }

    [Fact]
    public void Trusted_proxy_stands_for_many_clients()
    {
        var limits = Limits(descriptors: 1500);

        Assert.Equal(750, Enumerable.Range(0, 2000).Count(_ => limits.TryEnter(Proxy)));
    }

    private static ConnectionLimits Limits(long descriptors) =>
        new(new HalleyOptions { TrustedProxies = ["10.0.0.0/8"] }, descriptors, NullLogger.Instance);
}
