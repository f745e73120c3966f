using System.Globalization;
using Halley.Protocol;
using Halley.Server.StorageRole.BandwidthLimits;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A limit is in force by the wall clock of its place, over midnight and on the days on which clocks are moved.</summary>
public sealed class LimitWindowTests
{
    [Theory]
    [InlineData("08:00", "18:00", "", "2030-01-15T06:59:59Z", false)] // winter: an hour ahead of UTC
    [InlineData("08:00", "18:00", "", "2030-01-15T07:00:00Z", true)]
    [InlineData("08:00", "18:00", "", "2030-07-15T06:00:00Z", true)] // summer: two hours
    [InlineData("08:00", "18:00", "", "2030-07-15T16:00:00Z", false)]
    [InlineData("22:00", "06:00", "Friday", "2030-01-18T21:00:00Z", true)] // Friday evening
    [InlineData("22:00", "06:00", "Friday", "2030-01-19T04:59:59Z", true)] // Saturday before six still is of Friday
    [InlineData("22:00", "06:00", "Friday", "2030-01-19T05:00:00Z", false)]
    [InlineData("22:00", "06:00", "Friday", "2030-01-18T04:00:00Z", false)] // Friday before six is of Thursday
    [InlineData("22:00", "06:00", "Friday", "2030-01-19T21:00:00Z", false)]
    [InlineData(null, null, "Saturday,Sunday", "2030-01-18T23:00:00Z", true)] // Saturday begins
    [InlineData(null, null, "Saturday,Sunday", "2030-01-20T23:00:00Z", false)] // Monday begins
    [InlineData("02:00", "03:00", "", "2030-03-31T00:59:59Z", false)] // clocks go forward from 02:00 to 03:00: this hour does not come
    [InlineData("02:00", "03:00", "", "2030-03-31T01:00:00Z", false)]
    [InlineData("01:00", "04:00", "", "2030-03-31T00:00:00Z", true)] // and this window is an hour shorter
    [InlineData("01:00", "04:00", "", "2030-03-31T02:00:00Z", false)]
    [InlineData("02:00", "03:00", "", "2030-10-26T23:59:59Z", false)]
    [InlineData("02:00", "03:00", "", "2030-10-27T00:00:00Z", true)] // clocks go back from 03:00 to 02:00: this hour comes twice
    [InlineData("02:00", "03:00", "", "2030-10-27T01:59:59Z", true)]
    [InlineData("02:00", "03:00", "", "2030-10-27T02:00:00Z", false)]
    public void Window_opens_and_closes_by_the_wall_clock_in_Berlin(string? from, string? to, string days, string utc, bool open)
    {
        var weekdays = days.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<Weekday>).ToList();

        var window = LimitWindow.Of(new BandwidthSchedule("Europe/Berlin", from, to, weekdays))!;

        Assert.Equal(open, window.IsOpen(DateTime.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.255.255", true)]
    [InlineData("10.1.0.0/16", "::ffff:10.1.0.1", true)] // as a socket for both shows it
    [InlineData("10.1.0.0/16", "10.2.0.0", false)]
    [InlineData("10.1.2.3/16", "10.1.255.255", true)] // what is behind the prefix does not count
    [InlineData("::ffff:10.1.0.0/112", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("2001:db8::7", "2001:db8::7", true)]
    public void Network_holds_addresses_of_both_kinds(string network, string address, bool holds) =>
        Assert.Equal(holds, ClientNetwork.Parse(network)!.Value.Contains(ClientNetwork.Plain(System.Net.IPAddress.Parse(address))));
}
