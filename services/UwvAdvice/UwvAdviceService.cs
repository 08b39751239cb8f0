using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using BeschutWerk.UwvAdvice.FromMunicipalities;
using BeschutWerk.UwvAdvice.National;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.UwvAdvice;

/// <summary>UWV's advice on sheltered work.</summary>
public static class UwvAdviceService
{
    private const string Name = "uwv";

    /// <summary>Adds the stores and reactions of the service.</summary>
    public static void AddUwvAdvice(this IHostApplicationBuilder builder)
    {
        builder.AddPlatformService<UwvStore, UwvPlatformStore>(Name, service =>
        {
            service.CheckKeptText = PersonalData.Check;
            service.Tenant.OnlyListen = true;
            service.Tenant.On<CaseOpened>("municipalities", (e, _, session) => CaseOfRequest.Opened(e, session));
            service.Tenant.On<CaseDetermined>("municipalities", (e, _, session) => CaseOfRequest.Determined(e, session));
            service.Tenant.On<CandidateCorrected>("municipalities", (e, _, session) => JoinedCases.Joined(e, session));
            service.Tenant.On<CandidateDroppedOut>("municipalities", CandidateDroppedOutReaction.Apply, mayRaise: true);
            service.Tenant.On<ActTakenBack>("municipalities", (e, _, session) => Dropouts.TakenBack(e, session));
            service.Gather = TimeSpan.FromMilliseconds(50);
            service.Platform.OnlyListen = true;
            service.Platform.On<AdviceRequested, FollowRequests.Held?>(Name, FollowRequests.FindMissingAsync, FollowRequests.Requested);
            service.Platform.On<AssessmentRecorded>(Name, FollowRequests.Assessed);
            service.Platform.On<AdviceIssued>(Name, FollowRequests.Issued);
            service.Platform.On<AdviceWithdrawn>(Name, FollowRequests.Withdrawn);
            service.Platform.On<PersonCorrected, FollowRequests.Held>(Name, FollowRequests.FindCorrectedAsync, FollowRequests.Corrected, mayRaise: true);
        });
        builder.Services.AddSingleton<TellingWhose>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<TellingWhose>());
    }

    /// <summary>Maps the calls of the service.</summary>
    public static void MapUwvAdvice(this IEndpointRouteBuilder routes) => routes.MapGrpcService<AdviceCalls>();
}
