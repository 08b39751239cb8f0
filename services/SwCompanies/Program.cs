using BeschutWerk.Backbone;
using BeschutWerk.SwCompanies;

await ServiceProcess.RunAsync(args, "swcompanies", builder => builder.AddSwCompanies(), routes => routes.MapSwCompanies());
