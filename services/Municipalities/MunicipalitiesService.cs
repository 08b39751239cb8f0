using BeschutWerk.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.FromSwCompanies;
using BeschutWerk.Municipalities.FromUwv;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;
using BeschutWerk.Municipalities.Tenants;
using BeschutWerk.Municipalities.Webhooks;
using BeschutWerk.Municipalities.Webhooks.Delivering;
using BeschutWerk.Sector.Persons;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Municipalities;

/// <summary>Adds Municipalities to a process.</summary>
public static class MunicipalitiesService
{
    /// <summary>
    /// Configuration: <c>Reference:Folder</c>, where the files of the country's division are; <c>Webhooks:AllowHttp</c> and
    /// <c>Webhooks:AllowedNetworks</c>, where webhooks may go beside the public internet.
    /// </summary>
    public static void AddMunicipalities(this IHostApplicationBuilder builder)
    {
        builder.AddPlatformService<MunicipalityStore, MunicipalitiesStore>("municipalities", service =>
        {
            service.CheckKeptText = PersonalData.Check;
            // The log of a municipality is the feed of everything that concerns it.
            service.KeepReceived = true;
            service.Tenant.On<AdviceRequested, AdviceRequestedReaction.Prepared>("uwv", AdviceRequestedReaction.Prepare, AdviceRequestedReaction.Apply);
            service.Tenant.On<AdviceIssued, AdviceRequest?>("uwv", AdviceIssuedReaction.Prepare, AdviceIssuedReaction.Apply);
            service.Tenant.On<AssessmentRecorded>("uwv", AssessmentRecordedReaction.Apply);
            service.Tenant.On<AdviceWithdrawn>("uwv", AdviceWithdrawnReaction.Apply);
            service.Tenant.On<PlacementsReported>("swcompanies", PlacementsReportedReaction.Apply);
            service.Tenant.On<PlacementAmended>("swcompanies", PlacementChanged.Amended);
            service.Tenant.On<PlacementEnded>("swcompanies", PlacementChanged.Ended);
            service.Tenant.On<PlacementEndCorrected>("swcompanies", PlacementChanged.EndCorrected);
            service.Tenant.On<HoursExceeded>("swcompanies", HoursChecked.Exceeded);
            service.Tenant.On<HoursExcessEnded>("swcompanies", HoursChecked.ExcessEnded);
        });
        builder.Services.AddSingleton(_ => ReferenceFiles.Division(builder.Configuration));
        builder.Services.AddSingleton<DayTurn>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<DayTurn>());
        builder.Services.AddSingleton<TellingUwv>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<TellingUwv>());
        builder.Services.AddSingleton<QuotaApplication>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<QuotaApplication>());
        builder.Services.TryAddSingleton(_ => WebhookSettings.From(builder.Configuration));
        builder.Services.AddSingleton<WebhookDeliveries>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WebhookDeliveries>());
    }

    /// <summary>Maps its gRPC services.</summary>
    public static void MapMunicipalities(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<TenantCalls>();
        routes.MapGrpcService<QuotaCalls>();
        routes.MapGrpcService<CaseCalls>();
        routes.MapGrpcService<WebhookCalls>();
    }
}
