using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using OrganisationKind = BeschutWerk.Contracts.Backbone.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>A suspended municipality does nothing and nobody acts for it; what others may do, they may do as before.</summary>
public sealed class SuspensionTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    /// <summary>What is asked of these is in no municipality's store.</summary>
    private static readonly string[] OfThePlatform = ["TenantService", "FigureService"];

    /// <summary>Acts that a service does for the municipality.</summary>
    private static readonly string[] ForTheMunicipality = ["AdviceService.RequestAdvice"];

    /// <summary>Placements that the municipality would have to pay for.</summary>
    private static readonly string[] NewPlacements = ["PlacementService.ReportPlacement", "PlacementService.ReportPlacements"];

    private static IEnumerable<MethodDescriptor> OnMunicipalities => ContractFiles.All
        .SelectMany(file => file.Services).Where(service => !OfThePlatform.Contains(service.Name)).SelectMany(service => service.Methods)
        .Where(method => method.InputType.FindFieldByName("municipality") is not null);

    [Fact]
    public async Task Of_all_calls_only_the_municipalitys_own_and_those_for_it_wait()
    {
        // A company without a contract is told nothing of the municipality.
        await new CompanyService.CompanyServiceClient(platform.Municipality(Groningen)).SignContractAsync(new SignContractRequest
        {
            Municipality = Groningen, RequestId = NewId(), CompanyId = MunicipalityPlatform.Company, SignedOn = On(1, 1, 2015), StartOn = On(1, 1, 2015),
        });
        await SuspendAsync(Groningen);
        var wrong = new List<string>();
        foreach (var method in OnMunicipalities)
        {
            foreach (var kind in method.GetOptions().GetExtension(RulesExtensions.Callers))
            {
                var reason = await ReasonAsync(method, As(kind), Groningen);
                if ((reason != ErrorReason.TenantSuspended) != IsServed(method, kind)) wrong.Add($"{method.FullName} by {kind}: {reason}");
            }
        }

        Assert.NotEmpty(OnMunicipalities);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task The_municipality_itself_is_refused_everywhere_also_where_no_store_of_it_is_asked()
    {
        await SuspendAsync(Terschelling);
        var own = platform.Municipality(Terschelling);
        var mandated = As("mandaat", Amsterdam, Amsterdam, Terschelling);
        var body = As("werkplein", "werkplein", Terschelling);
        var methods = ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Where(method => method.GetOptions().GetExtension(RulesExtensions.Callers).Contains(OrganisationKind.Municipality)).ToList();
        Assert.NotEmpty(methods);
        var wrong = new List<string>();
        foreach (var method in methods)
        {
            foreach (var (who, caller) in new[] { ("own", own), ("body", body) })
            {
                var reason = await ReasonAsync(method, caller, Terschelling);
                if (reason != ErrorReason.TenantSuspended) wrong.Add($"{method.FullName} by {who}: {reason}");
            }

            // Another municipality that has its mandate does nothing for it, and everything for itself.
            var namesOne = method.InputType.FindFieldByName("municipality") is not null;
            var forIt = namesOne ? await ReasonAsync(method, mandated, Terschelling) : ErrorReason.TenantSuspended;
            if (forIt != ErrorReason.TenantSuspended) wrong.Add($"{method.FullName} by mandate: {forIt}");
            if (await ReasonAsync(method, mandated, Amsterdam) == ErrorReason.TenantSuspended) wrong.Add($"{method.FullName} for itself");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        var getTenant = methods.Single(method => method.Name == "GetTenant");
        Assert.Equal(ErrorReason.Unspecified, await ReasonAsync(getTenant, platform.Operator(), Terschelling));
    }

    [Fact]
    public async Task A_stream_that_is_refused_while_its_first_message_is_on_its_way_says_why()
    {
        await SuspendAsync(Utrecht);
        var own = platform.Municipality(Utrecht);
        var report = OnMunicipalities.Single(method => method.Name == "ReportPlacements");
        var reasons = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => ReasonAsync(report, own, Utrecht))));
        Assert.Equal([ErrorReason.TenantSuspended], reasons.Distinct());
    }

    private CallInvoker As(string client, string organisation, params string[] municipalities) =>
        platform.As(new ClientRegistration("gemeente-" + client, IdentityKind.Municipality, organisation, organisation, municipalities));

    [Fact]
    public async Task Streams_that_are_open_end_and_say_why()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var options = new CallOptions(cancellationToken: limit.Token);
        var all = new SubscribeRequest { Municipality = Westerwolde };
        using var feed = new EventService.EventServiceClient(platform.Municipality(Westerwolde)).Subscribe(all, options);
        using var others = new EventService.EventServiceClient(platform.Operator()).Subscribe(all, options);
        using var report = new PlacementService.PlacementServiceClient(platform.Municipality(Westerwolde)).ReportPlacements(options);
        Assert.True(await feed.ResponseStream.MoveNext(limit.Token));
        Assert.True(await others.ResponseStream.MoveNext(limit.Token));
        var empty = new ReportPlacementsRequest { Municipality = Westerwolde, Items = { new PlacementItem() } };
        await report.RequestStream.WriteAsync(empty, limit.Token);
        Assert.True(await report.ResponseStream.MoveNext(limit.Token));

        await SuspendAsync(Westerwolde);
        Assert.Equal(ErrorReason.TenantSuspended, await EndAsync(feed.ResponseStream));
        Assert.Equal(ErrorReason.TenantSuspended, await EndAsync(report.ResponseStream));
        // The operator's goes on.
        var resume = new ResumeTenantRequest { Municipality = Westerwolde, RequestId = NewId(), ResumedOn = On(7, 2) };
        await platform.Tenants.ResumeTenantAsync(resume);
        await platform.OpenedAsync(Westerwolde);
        while (others.ResponseStream.Current.Event is null) Assert.True(await others.ResponseStream.MoveNext(limit.Token));

        async Task<ErrorReason> EndAsync<T>(IAsyncStreamReader<T> stream)
        {
            var end = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (await stream.MoveNext(limit.Token))
                {
                }
            });
            return RefusalStatus.ReasonOf(end);
        }
    }

    private async Task SuspendAsync(string municipality)
    {
        await platform.Tenants.SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = municipality, RequestId = NewId(), SuspendedOn = On(7, 1), Reason = "Toets",
        });
        var code = TenantId.Parse(municipality);
        foreach (var service in platform.App.Services.GetServices<ServiceRuntime>())
        {
            await MunicipalityPlatform.Eventually(
                () => Task.FromResult(service.Tenants.Find(code) == TenantStanding.Suspended), $"{service.Name} knows");
        }
    }

    private static bool IsServed(MethodDescriptor method, OrganisationKind kind) => kind switch
    {
        OrganisationKind.Municipality => false,
        OrganisationKind.Service => !ForTheMunicipality.Contains($"{method.Service.Name}.{method.Name}"),
        OrganisationKind.SwCompany => !NewPlacements.Contains($"{method.Service.Name}.{method.Name}"),
        _ => true,
    };

    private CallInvoker As(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Municipality => platform.Municipality(Groningen),
        OrganisationKind.Uwv => platform.Uwv(),
        OrganisationKind.SwCompany => platform.SwCompany(MunicipalityPlatform.Company),
        OrganisationKind.Cedris => platform.Cedris(),
        OrganisationKind.Ministry => platform.Ministry(),
        OrganisationKind.Operator => platform.Operator(),
        OrganisationKind.Citizen => platform.Citizen("burger", Groningen),
        OrganisationKind.Service => platform.Service(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    /// <summary>Why a call that breaks no field rule is refused; UNSPECIFIED when it is answered.</summary>
    private static async Task<ErrorReason> ReasonAsync(MethodDescriptor method, CallInvoker caller, string municipality)
    {
        var request = FilledRequest.Of(method.InputType, municipality).ToByteArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var options = new CallOptions(cancellationToken: limit.Token);
        try
        {
            if (method.IsClientStreaming)
            {
                using var stream = caller.AsyncDuplexStreamingCall(Of(MethodType.DuplexStreaming), null, options);
                await stream.RequestStream.SendAsync(request);
                Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
                return ReportPlacementsResponse.Parser.ParseFrom(stream.ResponseStream.Current).Answers[0].Refusal?.Reason ?? ErrorReason.Unspecified;
            }

            if (method.IsServerStreaming)
            {
                using var stream = caller.AsyncServerStreamingCall(Of(MethodType.ServerStreaming), null, options, request);
                Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
            }
            else
            {
                await caller.AsyncUnaryCall(Of(MethodType.Unary), null, options, request);
            }

            return ErrorReason.Unspecified;
        }
        catch (RpcException refused)
        {
            return RefusalStatus.ReasonOf(refused);
        }

        Method<byte[], byte[]> Of(MethodType type) => new(type, method.Service.FullName, method.Name, Bytes, Bytes);
    }
}
