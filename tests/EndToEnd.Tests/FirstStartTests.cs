namespace Halley.EndToEnd.Tests;

/// <summary>The first five minutes: one command, one block on the console, one administrator.</summary>
public sealed class FirstStartTests
{
    [Fact]
    public async Task Fresh_server_prints_where_it_is_and_how_to_set_it_up_and_its_setup_token_works_once()
    {
        await using var server = await ServerProcess.StartAsync();
        var tokenFile = Path.Combine(server.DataDirectory, "setup-token");
        var token = (await File.ReadAllTextAsync(tokenFile)).Trim();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(tokenFile));
        await Eventually.HoldsAsync("the console shows it all", TimeSpan.FromSeconds(5), () =>
            server.Output.Contains(server.DataDirectory, StringComparison.Ordinal)
            && server.Output.Contains($"{server.Address.OriginalString}/setup?token={token}", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(server.FirstVolume, "halley-volume.json")));

        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        Assert.False(File.Exists(tokenFile));
        Assert.Equal(403, await admin.TryAddFirstAdministratorAsync(token));

        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.False(File.Exists(tokenFile));
        using var signedIn = await AdminClient.SignInAsync(server.Address);
        Assert.Single(await signedIn.ListVolumesAsync());
    }
}
