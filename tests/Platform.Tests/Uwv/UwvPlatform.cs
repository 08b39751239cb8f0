using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.UwvAdvice;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Tenants = BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>A platform with two municipalities, and requests for advice in each of their states.</summary>
public sealed class UwvPlatform : PlatformFixture, IAsyncLifetime
{
    public const string Amsterdam = "GM0363";
    public const string Utrecht = "GM0344";

    public static readonly DateOnly Received = new(2018, 1, 8);
    public static readonly DateOnly Assessed = new(2018, 1, 29);
    public static readonly DateOnly Issued = new(2018, 2, 5);

    private static int _persons = 12_345_000;
    private int _citizens;

    public AdviceService.AdviceServiceClient AsUwv => new(Uwv());

    public AdviceService.AdviceServiceClient AsService => new(Service());

    public AdviceService.AdviceServiceClient AsMunicipality(string code = Amsterdam) => new(Municipality(code));

    public AdviceService.AdviceServiceClient AsCitizen(string citizen, string municipality = Amsterdam) => new(Citizen(citizen, municipality));

    /// <summary>The citizen whom a request is about.</summary>
    public AdviceService.AdviceServiceClient AsCitizen(string citizen, RequestAdviceRequest request) =>
        new(Citizen(citizen, request.Municipality, request.Person.Bsn));

    internal ServiceRuntime<UwvStore, UwvPlatformStore> Runtime => App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>();

    internal static Caller Self { get; } = Caller.OfService("uwv");

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync(Amsterdam, "Amsterdam");
        await RegisterAsync(Utrecht, "Utrecht");
        // UWV hears of them by event: its stores are also looked into without a call, which would wait for that.
        foreach (var code in new[] { Amsterdam, Utrecht })
        {
            await Eventually(() => Task.FromResult(Runtime.Tenants.Find(TenantId.Parse(code)) == TenantStanding.Active), $"UWV knows {code}");
        }
    }

    public string NewCitizen() => $"burger-{Interlocked.Increment(ref _citizens)}";

    public static Person NewPerson()
    {
        var number = Interlocked.Increment(ref _persons);
        return new Person { Bsn = Bsn(number), Name = $"Persoon {number}", BirthDate = new DateOnly(1990, 5, 17).ToDate() };
    }

    public static RequestAdviceRequest FromCitizen(Person person, string municipality = Amsterdam) => new()
    {
        Municipality = municipality,
        RequestId = NewId(),
        Requester = Requester.Citizen,
        Person = person,
        Benefit = Benefit.None,
        Kind = AdviceKind.First,
        PriorContact = PriorContact.Consulted,
        ReceivedOn = Received.ToDate(),
    };

    public static RequestAdviceRequest FromMunicipality(Person person, string municipality = Amsterdam)
    {
        var request = FromCitizen(person, municipality);
        request.Requester = Requester.Municipality;
        request.PriorContact = PriorContact.Unspecified;
        request.RequesterReference = NewId();
        return request;
    }

    public static Finding Finding(bool answer) => new() { Answer = answer, Motivation = "Gezien tijdens het huisbezoek." };

    public static Assessment PositiveAssessment() => new()
    {
        WorkCapacity = new WorkCapacity
        {
            CanPerformTask = Finding(true), HasBasicSkills = Finding(true), CanWorkOneHour = Finding(true), LoadableFourHours = Finding(true),
        },
        Adaptation = Finding(false),
        Guidance = Finding(true),
        SupportNeeds = { SupportNeed.PermanentSupervision, SupportNeed.OrganisationalAdaptation },
    };

    /// <summary>A request that waits for its assessment.</summary>
    public async Task<string> RequestedAsync(RequestAdviceRequest request, string? citizen = null) =>
        (await (citizen is null ? AsService : AsCitizen(citizen, request)).RequestAdviceAsync(request)).AdviceRequestId;

    /// <summary>A request with an assessment that leads to a positive advice.</summary>
    public async Task<string> AssessedAsync(RequestAdviceRequest request, string? citizen = null)
    {
        var id = await RequestedAsync(request, citizen);
        await AsUwv.RecordAssessmentAsync(Assess(id, request.Municipality));
        return id;
    }

    /// <summary>A request with a positive advice.</summary>
    public async Task<string> AdvisedAsync(RequestAdviceRequest request, string? citizen = null)
    {
        var id = await AssessedAsync(request, citizen);
        await AsUwv.IssueAdviceAsync(Issue(id, request.Municipality));
        return id;
    }

    public static RecordAssessmentRequest Assess(string id, string municipality = Amsterdam) => new()
    {
        Municipality = municipality, RequestId = NewId(), AdviceRequestId = id, Assessment = PositiveAssessment(), AssessedOn = Assessed.ToDate(),
    };

    public static IssueAdviceRequest Issue(string id, string municipality = Amsterdam) => new()
    {
        Municipality = municipality, RequestId = NewId(), AdviceRequestId = id,
        Verdict = Verdict.Positive, Ground = Ground.Guidance, IssuedOn = Issued.ToDate(),
    };

    public static WithdrawAdviceRequestRequest Withdraw(string id, string municipality = Amsterdam) => new()
    {
        Municipality = municipality, RequestId = NewId(), AdviceRequestId = id, WithdrawnOn = Assessed.ToDate(),
    };

    public static GetAdviceRequestRequest Get(string id, string municipality = Amsterdam) => new() { Municipality = municipality, AdviceRequestId = id };

    public static string NewId() => Guid.NewGuid().ToString("D");

    /// <summary>Why a call is refused, and the fields that it names.</summary>
    public static async Task<Refused> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        var fields = error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.Select(violation => violation.Field) ?? [];
        return new Refused(RefusalStatus.ReasonOf(error), error.StatusCode, [.. fields]);
    }

    public sealed record Refused(ErrorReason Reason, StatusCode Code, IReadOnlyList<string> Fields);

    // Nine digits whose weighted sum (9..2, and -1 for the last) is a multiple of eleven.
    private static string Bsn(int number)
    {
        while (true)
        {
            var digits = $"{number:D8}";
            var sum = digits.Select((digit, i) => (digit - '0') * (9 - i)).Sum();
            if (sum % 11 < 10)
            {
                return digits + sum % 11;
            }
            number += 10_000_000;
        }
    }

    public async Task RegisterAsync(string code, string name) =>
        await new Tenants.TenantService.TenantServiceClient(Operator()).RegisterTenantAsync(new Tenants.RegisterTenantRequest
        {
            Municipality = code, RequestId = NewId(), Name = name, Province = "Provincie", LabourMarketRegion = 1,
            LabourMarketRegionName = "Regio", RegisteredOn = new DateOnly(2015, 1, 1).ToDate(),
        });
}
