using System.Net;
using System.Text;
using Halley.Server.Administrators;
using Halley.Testing;

namespace Halley.Server.Tests.Administrators;

/// <summary>The same password, whichever keyboard and system it is typed on.</summary>
public class TypedPasswordTests
{
    private const string Composed = "Grüße aus Köln";

    [Theory]
    [InlineData(NormalizationForm.FormC, NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormD, NormalizationForm.FormC)]
    public async Task Password_counts_in_any_form_of_its_letters(NormalizationForm set, NormalizationForm typed)
    {
        await using var host = await ServerHost.StartAsync();
        await host.CreateAdministratorAsync(password: Composed.Normalize(set));

        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: Composed.Normalize(typed))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: Composed.Normalize(set))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync(password: "Grusse aus Koln")).StatusCode);
        Assert.Equal("\ud800", TypedPassword.Normalize("\ud800"));
    }
}
