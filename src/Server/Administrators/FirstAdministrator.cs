using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>
/// Creates the first administrator, once. There are no default credentials: a person presents the set-up token, or the settings name the
/// administrator.
/// </summary>
internal sealed partial class FirstAdministrator(
    UserManager<Administrator> users, ServerDbContext database, SetupToken setupToken, FirstAdminOptions options, TimeProvider time,
    ILogger<FirstAdministrator> logger)
{
    public const string WrongToken = "setup_token_wrong";
    public const string AlreadySetUp = "already_set_up";

    private static readonly Refusal Done = Refusal.Forbidden(AlreadySetUp, "This server has an administrator already.");

    /// <summary>Runs before the server listens. If there is no administrator, creates the one in the settings or offers a token.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (await IsNeededAsync(cancellationToken) && options.Username is { } username)
        {
            var setUp = await CreateAsync(username, options.ReadPassword());
            if (setUp.Refusal is { } refusal && refusal != Done)
            {
                throw new StartRefusedException(
                    ExitCodes.WrongSettings, $"The administrator of Halley:FirstAdmin cannot be made: {refusal.Reason}");
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

    public async Task<Outcome<Administrator>> CreateAsync(
        string? token, string username, string password, CancellationToken cancellationToken)
    {
        // Checked first: once the server is set up, the response does not reveal whether an old token was right.
        if (!await IsNeededAsync(cancellationToken))
        {
            return Done;
        }

        if (!setupToken.Matches(token))
        {
            LogTokenRefused();
            return Refusal.Forbidden(
                WrongToken, "The set-up token is wrong. It is in the file setup-token of the data directory and on the console.");
        }

        var setUp = await CreateAsync(username, password);
        if (setUp.Refusal is null || setUp.Refusal == Done)
        {
            setupToken.Withdraw();
        }

        return setUp;
    }

    private async Task<Outcome<Administrator>> CreateAsync(string username, string password)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return AdministratorRefusals.Invalid(Administrator.NameRule);
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
                return AdministratorRefusals.Invalid(string.Join(" ", result.Errors.Select(error => error.Description)));
            }
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return Done;
        }

        LogCreated(username);
        return administrator;
    }

    [LoggerMessage(LogEvents.AdministratorCreated, LogLevel.Information, "First administrator {Name} made")]
    private partial void LogCreated(string name);

    [LoggerMessage(LogEvents.SetupTokenRefused, LogLevel.Warning, "A wrong set-up token was refused")]
    private partial void LogTokenRefused();
}
