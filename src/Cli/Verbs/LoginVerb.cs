using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Protocol.Keys;

namespace Halley.Cli.Verbs;

/// <summary><c>halley login</c></summary>
internal static class LoginVerb
{
    private static readonly Argument<string> Server = new("URL") { Description = "Address of the server, such as https://HOST/" };

    private static readonly Argument<string> User = new("USER") { Description = "Name of the account" };

    private static readonly Option<bool> Ask = new("--ask")
    {
        Description = "Keep no keys on this machine; sign in again when the session ends",
    };

    private static readonly Option<string?> Code = new("--code")
    {
        Description = "Code of the authenticator app (default: prompt)",
        HelpName = "CODE",
    };

    private static readonly Option<string?> Name = new("--name")
    {
        Description = "Name of the device for people (default: host name)",
        HelpName = "NAME",
    };

    private static readonly Option<bool> NewDevice = new("--new-device")
    {
        Description = "Register another device, for a machine whose disk is a copy",
    };

    private static readonly Option<bool> PlainHttp = new("--plain-http") { Description = "Allow http:// addresses" };

    public static Verb Create()
    {
        var verb = new Verb(
            "login",
            "Sign this machine in to an account. The password never leaves it; the server sees a key derived from it.",
            "halley login https://backup.example.com/ anna", "halley login https://backup.example.com/ anna --password-file password.txt",
            "halley login https://backup.example.com/ anna --ask")
        {
            Server, User, Ask, Code, Name, NewDevice, PlainHttp, PasswordVerb.NewPasswordFile,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var server = AccountAccess.ParseServer(context.Get(Server)!, context.Get(PlainHttp));
        if (AccountAccess.State.FindAccount() is { } present
            && (present.Server != server || !present.Username.Equals(context.Get(User), StringComparison.Ordinal)))
        {
            throw new CommandException(
                $"This machine is signed in to {present.Server} as {present.Username}. Run `halley logout` first.");
        }

        using var password = await Password.ReadAccountAsync(context, cancellationToken);
        var codes = 0;
        var account = await AccountAccess.RunAsync(
            context, server,
            device =>
            {
                var options = new LoginOptions
                {
                    KeepsKeys = !context.Get(Ask),
                    IsNewDevice = context.Get(NewDevice),
                    DeviceName = context.Get(Name),
                    ClientVersion = HalleyCommand.Version,
                    AskCode = token => AskCodeAsync(context, isFirst: codes++ == 0, token),
                    AskNewKeys = token => AskNewKeysAsync(context, device, token),
                };
                return device.LoginAsync(server, context.Get(User)!, password.Characters, options, cancellationToken);
            });
        AccountAccess.Show(context, account);
        return ExitCode.Success;
    }

    private static async Task<AccountKeys> AskNewKeysAsync(VerbContext context, DeviceAccount device, CancellationToken cancellationToken)
    {
        context.Terminal.Warn("The password of this account must be changed before it can be used.");
        using var password = await Password.ReadNewAsync(context.Get(PasswordVerb.NewPasswordFile), cancellationToken);
        return await device.DeriveNewAsync(context.Get(User)!, password.Characters, cancellationToken);
    }

    // A code is good once; after a change of the password the sign-in needs another one.
    private static async Task<string> AskCodeAsync(VerbContext context, bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst && context.Get(Code) is { Length: > 0 } code)
        {
            return code;
        }

        if (Console.IsInputRedirected)
        {
            throw new CommandException(isFirst ? "The account requires a code of the authenticator app. Give it with --code."
                : "The password is changed. Sign in again with it and with another code.");
        }

        await Console.Error.WriteAsync("Code of the authenticator app, or a recovery code: ");
        return (await Console.In.ReadLineAsync(cancellationToken))?.Trim() is { Length: > 0 } typed ? typed
            : throw new CommandException("No code was given. Try again.");
    }
}
