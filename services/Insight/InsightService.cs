using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Insight.FromSwCompanies;
using BeschutWerk.Insight.FromUwv;
using BeschutWerk.Insight.Protection;
using BeschutWerk.Sector.Persons;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Insight;

/// <summary>National figures, from events only.</summary>
public static class InsightService
{
    /// <summary>Adds the service to a process. Configuration: <c>Figures:SmallestCount</c>.</summary>
    public static void AddInsight(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(SmallNumberSettings.From(builder.Configuration));
        builder.AddPlatformService<InsightStore>("insight", service =>
        {
            service.CheckKeptText = PersonalData.Check;
            service.Gather = TimeSpan.FromMilliseconds(100);
            service.Platform.OnlyListen = true;
            service.Platform.On<TenantRegistered>("municipalities", (e, _, session) => QuotaReactions.Registered(e, session));
            service.Platform.On<QuotaPublished>("municipalities", QuotaReactions.Published);
            service.Platform.On<CaseOpened>("municipalities", CaseReactions.Opened);
            service.Platform.On<CaseDetermined>("municipalities", CaseReactions.Determined);
            service.Platform.On<ActTakenBack>("municipalities", CaseReactions.TakenBack);
            service.Platform.On<CandidateCorrected>("municipalities", (e, _, session) => CasesJoinedReaction.Apply(e, session));
            service.Platform.On<PersonRecognised>("uwv", (e, _, session) => PersonRecognisedReaction.Apply(e, session));
            service.Platform.On<AdviceRequested>("uwv", AdviceReactions.Requested);
            service.Platform.On<AdviceIssued>("uwv", AdviceReactions.Issued);
            service.Platform.On<AdviceWithdrawn>("uwv", AdviceReactions.Withdrawn);
            service.Platform.On<PlacementsReported>("swcompanies", PlacementReactions.Reported);
            service.Platform.On<PlacementAmended>("swcompanies", PlacementReactions.Amended);
            service.Platform.On<PlacementEnded>("swcompanies", PlacementReactions.Ended);
            service.Platform.On<PlacementEndCorrected>("swcompanies", PlacementReactions.EndCorrected);
        });
    }

    /// <summary>Maps its calls.</summary>
    public static void MapInsight(this IEndpointRouteBuilder routes) => routes.MapGrpcService<FigureCalls>();
}
