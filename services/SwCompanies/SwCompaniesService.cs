using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.SwCompanies.FromMunicipalities;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.SwCompanies;

/// <summary>Sw-companies: who works where, how many hours, until when.</summary>
public static class SwCompaniesService
{
    /// <summary>Adds the service to a process.</summary>
    public static void AddSwCompanies(this IHostApplicationBuilder builder) =>
        builder.AddPlatformService<SwCompanyStore, SwCompaniesPlatformStore>("swcompanies", service =>
        {
            service.Tenant.OnlyListen = true;
            service.Tenant.On<CaseDetermined>("municipalities", (e, _, session) => CasesAndOffers.Determined(e, session));
            service.Tenant.On<PlaceOffered>("municipalities", (e, _, session) => CasesAndOffers.Offered(e, session));
            service.Tenant.On<OfferAnswered>("municipalities", (e, _, session) => CasesAndOffers.Answered(e, session));
            service.Tenant.On<OfferWithdrawn>("municipalities", (e, _, session) => CasesAndOffers.Withdrawn(e, session));
            service.Tenant.On<PlaceFreed>("municipalities", (e, _, session) => CasesAndOffers.Freed(e, session));
        });

    /// <summary>Maps its calls.</summary>
    public static void MapSwCompanies(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<CompanyCalls>();
        routes.MapGrpcService<PlacementCalls>();
    }
}
