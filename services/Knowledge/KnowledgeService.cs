using BeschutWerk.Backbone;
using BeschutWerk.Sector.Persons;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Knowledge;

/// <summary>What municipalities and sw-companies learn from each other.</summary>
public static class KnowledgeService
{
    /// <summary>Adds the service to a process.</summary>
    public static void AddKnowledge(this IHostApplicationBuilder builder) => builder.AddPlatformService<KnowledgeStore>(
        "knowledge", service => service.CheckKeptText = PersonalData.Check);

    /// <summary>Maps its calls.</summary>
    public static void MapKnowledge(this IEndpointRouteBuilder routes) => routes.MapGrpcService<PracticeCalls>();
}
