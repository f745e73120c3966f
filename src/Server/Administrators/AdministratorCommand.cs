using System.CommandLine;
using System.Security.Cryptography;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.Administrators;

/// <summary>
/// <c>admin reset-password NAME</c>, for administrators who are locked out. It may run beside a running server, so it neither locks the
/// data directory nor migrates the database.
/// </summary>
internal static class AdministratorCommand
{
    public const string Word = "admin";

    public static Task<int> RunAsync(string[] args)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the administrator" };
        var file = new Option<FileInfo?>("--password-file") { Description = "File that holds the new password" };
        var generate = new Option<bool>("--generate") { Description = "Make a random password and print it" };
        var factors = new Option<bool>("--remove-second-factors")
        {
            Description = "Also remove the authenticator app, the passkeys and the recovery codes",
        };
        var reset = new Command(
            "reset-password",
            "Set an administrator's password, end its sessions and unlock it. "
            + "Without an option the password is read from the console or from standard input.")
        {
            name, file, generate, factors,
        };
        // Unknown arguments are settings, such as --Halley:DataDirectory=/srv/halley.
        reset.TreatUnmatchedTokensAsErrors = false;
        reset.SetAction((parsed, cancellationToken) => ResetAsync(
            [.. parsed.UnmatchedTokens], parsed.GetRequiredValue(name), parsed.GetValue(file), parsed.GetValue(generate),
                parsed.GetValue(factors), cancellationToken));
        var root = new RootCommand("Halley server") { new Command(Word, "Work on administrators") { reset } };
        // Exceptions are for the guard around this command.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> ResetAsync(
        string[] settings, string name, FileInfo? file, bool generate, bool removeFactors, CancellationToken cancellationToken)
    {
        var builder = HostingSetup.CreateBuilder(settings);
        builder.AddDataDirectory(out _);
        builder.AddData();
        builder.AddInstances();
        builder.AddSettings();
        builder.AddOrganizations();
        builder.AddCredentials();
        builder.AddAdministrators();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (builder.ShowWrongOptions())
        {
            return ExitCodes.WrongSettings;
        }

        await using var app = builder.Build();
        try
        {
            await app.Services.GetRequiredService<DatabaseMigration>().RequireCurrentAsync(cancellationToken);
            await using var scope = app.Services.CreateAsyncScope();
            var store = app.Services.GetRequiredService<AdministratorStore>();
            if (await store.FindAsync(name, cancellationToken) is not { } administrator)
            {
                return await FailUnknownAsync(store, name, cancellationToken);
            }

            var exitCode = await ResetAsync(
                scope.ServiceProvider.GetRequiredService<AdministratorPasswords>(), administrator, file, generate, cancellationToken);
            if (exitCode == ExitCodes.Ok && removeFactors)
            {
                await app.Services.GetRequiredService<AdministratorCodes>().RemoveAllAsync(administrator.Id, actor: "", cancellationToken);
                Console.WriteLine($"The second factors of {name} are removed.");
            }

            return exitCode;
        }
        catch (StartRefusedException refusal)
        {
            return Fail(refusal.Message, refusal.ExitCode);
        }
    }

    private static async Task<int> ResetAsync(
        AdministratorPasswords passwords, Administrator administrator, FileInfo? file, bool generate, CancellationToken cancellationToken)
    {
        if (SettingFile.ProblemOf(file?.FullName) is { } problem)
        {
            return Fail($"--password-file {problem}.", ExitCodes.Failed);
        }

        var password = file is not null ? SettingFile.ReadSecret(file.FullName)
            : generate ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))
            : ReadPassword();
        if (await passwords.ResetAsync(administrator.Id, password, cancellationToken) is { } refusal)
        {
            return Fail(refusal.Reason, ExitCodes.Failed);
        }

        var name = administrator.UserName;
        Console.WriteLine(generate ? $"New password of {name}: {password}" : $"The password of {name} is changed.");
        return ExitCodes.Ok;
    }

    private static async Task<int> FailUnknownAsync(AdministratorStore store, string name, CancellationToken cancellationToken)
    {
        var all = await store.ListAsync(after: null, int.MaxValue, cancellationToken);
        var known = all.Count == 0
            ? "There are none yet; open the set-up link."
            : $"There are: {string.Join(", ", all.Select(administrator => administrator.UserName))}.";
        return Fail($"No administrator is called {name}. {known}", ExitCodes.Failed);
    }

    private static string ReadPassword()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() ?? "";
        }

        Console.Write("New password: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.WriteLine();
        return typed.ToString();
    }

    private static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine(message);
        return exitCode;
    }
}
