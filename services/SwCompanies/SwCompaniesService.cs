using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using BeschutWerk.SwCompanies.Companies;
using BeschutWerk.SwCompanies.FromMunicipalities;
using BeschutWerk.SwCompanies.FromUwv;
using BeschutWerk.SwCompanies.NationalHours;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.SwCompanies;

/// <summary>Sw-companies: who works where, how many hours, until when.</summary>
public static class SwCompaniesService
{
    /// <summary>Adds the service to a process.</summary>
    public static void AddSwCompanies(this IHostApplicationBuilder builder)
    {
        var linked = new LinkedCases();
        var contracted = new Contracted();
        builder.AddPlatformService<SwCompanyStore, SwCompaniesPlatformStore>("swcompanies", service =>
        {
            service.CheckKeptText = PersonalData.Check;
            service.Stranger = contracted.RefusalOf;
            service.Tenant.OnlyListen = true;
            service.Tenant.On<CaseDetermined>("municipalities", CasesAndOffers.Determined);
            service.Tenant.On<PlaceOffered>("municipalities", (e, _, session) => CasesAndOffers.Offered(e, session));
            service.Tenant.On<OfferAnswered>("municipalities", (e, _, session) => CasesAndOffers.Answered(e, session));
            service.Tenant.On<OfferWithdrawn>("municipalities", (e, _, session) => CasesAndOffers.Withdrawn(e, session));
            service.Tenant.On<PlaceFreed>("municipalities", (e, _, session) => CasesAndOffers.Freed(e, session));
            service.Tenant.On<PlaceTakenAgain>("municipalities", (e, _, session) => CasesAndOffers.TakenAgain(e, session));
            service.Tenant.On<ActTakenBack>("municipalities", (e, _, session) => ActsTakenBack.Apply(e, session));
            service.Tenant.On<CandidateCorrected>("municipalities", (e, _, session) => JoinedCases.Joined(e, session));
            service.Gather = TimeSpan.FromMilliseconds(50);
            service.Platform.OnlyListen = true;
            service.Platform.On<CaseDetermined>("municipalities", (e, received, session) => RequestOfCase.Determined(e, received, linked, session));
            service.Platform.On<CandidateCorrected>("municipalities", (e, _, session) => JoinedCasesOfPersons.Joined(e, linked, session));
            service.Platform.On<RequestsLinked>("uwv", (e, received, session) => RequestsLinkedReaction.Apply(e, received, linked, session));
        });
        builder.Services.AddSingleton(linked);
        builder.Services.AddSingleton<RunningChanges>();
        builder.Services.AddSingleton<HoursOfPersons>();
        builder.Services.AddHostedService<HoursCheck>();
    }

    /// <summary>Maps its calls.</summary>
    public static void MapSwCompanies(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<CompanyCalls>();
        routes.MapGrpcService<PlacementCalls>();
    }
}
