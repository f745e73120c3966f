using System.Globalization;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Hosting;

namespace Halley.Server.Tests.Hosting;

/// <summary>What a machine or a log reads does not depend on the language of the machine.</summary>
public class CultureTests
{
    [Theory]
    [InlineData("th-TH")]
    [InlineData("fa-IR")]
    [InlineData("de-DE")]
    public void Server_writes_years_and_numbers_alike_everywhere(string language)
    {
        var texts = new List<string>();
        var thread = new Thread(() =>
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(language);
            texts.Add($"{new DateTime(2026, 1, 2):yyyy}-{1.5}");
            HostingSetup.CreateBuilder([]);
            texts.Add($"{new DateTime(2026, 1, 2):yyyy}-{1.5}");
            texts.Add(new ReportSubject("", [], new Dictionary<string, UserProfileConfig>(), TimeZoneInfo.Utc, 0, 0).Time(1_767_312_000));
        });
        thread.Start();
        thread.Join();

        Assert.NotEqual("2026-1.5", texts[0]);
        Assert.Equal(["2026-1.5", "2026-01-02 00:00"], texts[1..]);
        Assert.Equal(CultureInfo.InvariantCulture, CultureInfo.DefaultThreadCurrentCulture); // of all threads that start later
    }
}
