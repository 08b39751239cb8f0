using System.CommandLine;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw tenants</c>: which municipalities take part.</summary>
internal static class TenantsCommand
{
    private const string Service = "municipalities";
    private const int PageSize = 500;

    private static readonly string[] Headers = ["municipality", "name", "province", "region", "state", "registered", "version"];

    public static Command Create(Settings settings) => new("tenants", "Which municipalities take part.") { Register(settings), List(settings), Show(settings), Suspend(settings), Resume(settings) };

    private static Command Register(Settings settings)
    {
        var (municipality, requestId, on) = (Inputs.Municipality(), Inputs.RequestId(), Day("Day of registration"));
        var name = new Option<string>("--name") { Description = "Name.", Required = true };
        var province = new Option<string>("--province") { Description = "Province.", Required = true };
        var region = new Option<int>("--region") { Description = "Number of the labour-market region, 1 to 35.", Required = true };
        var regionName = new Option<string>("--region-name") { Description = "Name of the labour-market region.", Required = true };
        var command = new Command("register", "Registers a municipality; its stores are made when something is first recorded in them.") { municipality, name, province, region, regionName, on, requestId };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new RegisterTenantRequest
            {
                Municipality = parsed.GetValue(municipality)!, RequestId = parsed.GetValue(requestId)!, Name = parsed.GetValue(name)!, Province = parsed.GetValue(province)!,
                LabourMarketRegion = parsed.GetValue(region), LabourMarketRegionName = parsed.GetValue(regionName)!, RegisteredOn = parsed.GetValue(on).ToDate(),
            };
            return Show(output, (await connection.ChangeAsync(Service, request.RequestId, at => Client(at).RegisterTenantAsync(request, cancellationToken: cancel), cancel)).Tenant);
        });
        return command;
    }

    private static Command List(Settings settings)
    {
        var command = new Command("list", "All municipalities, by code.");
        command.Does(settings, async (_, output, connection, cancel) =>
        {
            var (request, tenants) = (new ListTenantsRequest { PageSize = PageSize }, new List<Tenant>());
            do
            {
                var page = await connection.AskAsync(Service, at => Client(at).ListTenantsAsync(request, cancellationToken: cancel), cancel);
                tenants.AddRange(page.Tenants);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            output.Show(tenants, all => output.Table(Headers, all.Select(Row)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show(Settings settings)
    {
        var municipality = Inputs.Municipality();
        var command = new Command("show", "One municipality.") { municipality };
        command.Does(settings, async (parsed, output, connection, cancel) =>
            Show(output, (await connection.AskAsync(Service, at => Client(at).GetTenantAsync(new GetTenantRequest { Municipality = parsed.GetValue(municipality)! }, cancellationToken: cancel), cancel)).Tenant));
        return command;
    }

    private static Command Suspend(Settings settings)
    {
        var (municipality, reason, requestId, on) = (Inputs.Municipality(), Inputs.Reason(), Inputs.RequestId(), Day("From which day"));
        var command = new Command("suspend", "Suspends a municipality: its own calls and new placements of its candidates are refused, others are served.") { municipality, reason, on, requestId };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new SuspendTenantRequest { Municipality = parsed.GetValue(municipality)!, RequestId = parsed.GetValue(requestId)!, Reason = parsed.GetValue(reason)!, SuspendedOn = parsed.GetValue(on).ToDate() };
            return Show(output, (await connection.ChangeAsync(Service, request.RequestId, at => Client(at).SuspendTenantAsync(request, cancellationToken: cancel), cancel)).Tenant);
        });
        return command;
    }

    private static Command Resume(Settings settings)
    {
        var (municipality, requestId, on) = (Inputs.Municipality(), Inputs.RequestId(), Day("From which day"));
        var command = new Command("resume", "Resumes a suspended municipality.") { municipality, on, requestId };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new ResumeTenantRequest { Municipality = parsed.GetValue(municipality)!, RequestId = parsed.GetValue(requestId)!, ResumedOn = parsed.GetValue(on).ToDate() };
            return Show(output, (await connection.ChangeAsync(Service, request.RequestId, at => Client(at).ResumeTenantAsync(request, cancellationToken: cancel), cancel)).Tenant);
        });
        return command;
    }

    private static int Show(Output output, Tenant tenant)
    {
        output.Show(tenant, one => output.Table(Headers, [Row(one)]));
        return ExitCode.Done;
    }

    private static TenantService.TenantServiceClient Client(CallInvoker at) => new(at);

    private static string[] Row(Tenant tenant) =>
    [
        tenant.Municipality, tenant.Name, tenant.Province, $"{tenant.LabourMarketRegion} {tenant.LabourMarketRegionName}",
        tenant.State == TenantState.Suspended ? "suspended" : "active", Texts.Day(tenant.RegisteredOn), $"{tenant.Version}",
    ];

    private static Option<DateOnly> Day(string what) => new("--on") { Description = $"{what}, such as 2018-06-15; today when not given.", DefaultValueFactory = _ => TimeProvider.System.Today() };
}
