using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb;
using Halley.Server.ApiDocuments;
using Halley.Server.AuthRole;
using Halley.Server.CometApi;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Live;
using Halley.Server.Metrics;
using Halley.Server.Organizations;
using Halley.Server.OwnVaults;
using Halley.Server.Periodic;
using Halley.Server.Settings;
using Halley.Server.StorageRole;
using Halley.Server.Tasks;

if (args is [AdministratorCommand.Word, ..])
{
    return await StartRefusal.GuardAsync(() => AdministratorCommand.RunAsync(args));
}

return CommandLine.Answer(args) ?? await StartRefusal.GuardAsync(async () =>
{
    var builder = HostingSetup.CreateBuilder(args);
    builder.AddHosting();
    builder.AddAccess();
    builder.AddData();
    var instances = builder.AddInstances();
    builder.AddPeriodic();
    builder.AddTasks();
    builder.AddSettings();
    builder.AddEvents();
    builder.AddOrganizations();
    builder.AddCredentials();
    builder.AddAdministrators();
    builder.AddAuthRole();
    builder.AddLive(instances);
    builder.AddStorageRole();
    builder.AddOwnVaults();
    builder.AddCometApi();
    builder.AddMetrics();
    builder.AddApiDocuments();
    builder.AddAdminWeb();
    if (builder.ShowWrongOptions())
    {
        return ExitCodes.WrongSettings;
    }

    var app = builder.Build();
    app.WarmUpData();
    app.UsePublicPath();
    app.UseLive();
    app.UseHosting(problemsBelow: Routes.Api);
    app.UseOrganizations();
    app.UseData(repeatableBelow: Routes.Api);
    app.MapHealth();
    app.MapMetrics();
    app.MapOrganizations();
    app.MapAdministrators();
    app.MapEvents();
    app.MapTasks();
    app.MapAuthRole();
    app.MapLive();
    app.MapStorageRole();
    app.MapCometApi();
    app.MapAdminWeb(); // first, because its headers are for the pages of the documents as well
    app.MapApiDocuments();
    return await app.RunServerAsync(
        first: [InstancesSetup.CheckInstancesAsync, DataSetup.PrepareDatabaseAsync],
        InstancesSetup.JoinInstancesAsync,
        SettingsSetup.LoadSettingsAsync,
        OrganizationsSetup.LoadOrganizationsAsync,
        AdministratorsSetup.PrepareAdministratorsAsync,
        StorageRoleSetup.OpenStorageAsync);
});
