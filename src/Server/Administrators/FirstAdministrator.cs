using Halley.Server.Data;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

internal enum SetUpResult
{
    Created,
    WrongToken,
    AlreadySetUp,
    InvalidUsername,
    InvalidPassword,
}

/// <summary>What became of the set-up; reasons are sentences for the person who asked.</summary>
internal sealed record SetUp(SetUpResult Result, IReadOnlyList<string> Reasons, Administrator? Administrator = null);

/// <summary>Makes the first administrator, once. There are no default credentials: somebody shows the set-up token, or the settings name him.</summary>
internal sealed partial class FirstAdministrator(
    UserManager<Administrator> users, ServerDbContext database, SetupToken setupToken, FirstAdminOptions options, TimeProvider time,
    ILogger<FirstAdministrator> logger)
{
    /// <summary>Before the server listens: makes the administrator of the settings, or offers a token, if there is no administrator.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (await IsNeededAsync(cancellationToken) && options.Username is { } username)
        {
            var setUp = await CreateAsync(username, options.ReadPassword());
            if (setUp.Result is not (SetUpResult.Created or SetUpResult.AlreadySetUp))
            {
                throw new StartRefusedException(
                    ExitCodes.WrongSettings, $"The administrator of Halley:FirstAdmin cannot be made: {string.Join(" ", setUp.Reasons)}");
            }
        }

        if (await IsNeededAsync(cancellationToken))
        {
            setupToken.Offer();
        }
        else
        {
            setupToken.Withdraw();
        }
    }

    /// <summary>True while the server has no administrator.</summary>
    public async Task<bool> IsNeededAsync(CancellationToken cancellationToken) =>
        !await database.Set<Administrator>().AnyAsync(cancellationToken);

    public async Task<SetUp> CreateAsync(string? token, string username, string password, CancellationToken cancellationToken)
    {
        // Asked first: once the server is set up nobody learns whether an old token was right.
        if (!await IsNeededAsync(cancellationToken))
        {
            return new SetUp(SetUpResult.AlreadySetUp, ["This server has an administrator already."]);
        }

        if (!setupToken.Matches(token))
        {
            LogTokenRefused();
            return new SetUp(SetUpResult.WrongToken, ["The set-up token is wrong. It is in the file setup-token of the data directory and on the console."]);
        }

        var setUp = await CreateAsync(username, password);
        if (setUp.Result is SetUpResult.Created or SetUpResult.AlreadySetUp)
        {
            setupToken.Withdraw();
        }

        return setUp;
    }

    private async Task<SetUp> CreateAsync(string username, string password)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return new SetUp(SetUpResult.InvalidUsername, ["A name has 1 to 255 characters and no spaces at its ends."]);
        }

        var administrator = new Administrator
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserName = username,
            Founder = 1,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        try
        {
            var result = await users.CreateAsync(administrator, password);
            if (!result.Succeeded)
            {
                return new SetUp(SetUpResult.InvalidPassword, [.. result.Errors.Select(error => error.Description)]);
            }
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return new SetUp(SetUpResult.AlreadySetUp, ["This server has an administrator already."]);
        }

        LogCreated(username);
        return new SetUp(SetUpResult.Created, [], administrator);
    }

    [LoggerMessage(LogEvents.AdministratorCreated, LogLevel.Information, "First administrator {Name} made")]
    private partial void LogCreated(string name);

    [LoggerMessage(LogEvents.SetupTokenRefused, LogLevel.Warning, "A wrong set-up token was refused")]
    private partial void LogTokenRefused();
}
