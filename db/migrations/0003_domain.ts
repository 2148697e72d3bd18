/** The tables of anime production (characters, story bibles, quality) and of the film factory (research to publishing). */
import { createIndex, createTable, type Kind, type Kit, type Migration } from "./kit.ts";

export const domain: Migration = {
  name: "0003_domain",
  async up(kit) {
    await createCharacters(kit);
    await createQuality(kit);
    await createStoryBibles(kit);
    await createResearch(kit);
    await createProduction(kit);
  },
};

async function createCharacters(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "characters",
    columns: {
      id: "text!",
      owner_id: "text!",
      project_id: "text",
      name: "text!",
      description: "text!",
      base_prompt: "text!",
      negative_tokens: "json!",
      color_palette: "json!",
      lora_path: "text",
      reference_asset_id: "text",
      embedding: "bytes",
      embedding_model: "text",
      created_at: "int!",
      updated_at: "int!",
    },
    options: { primary: ["id"], belongs: { owner_id: "users.id", project_id: "projects.id" } },
  });
  await createIndex(kit, {
    name: "characters_owner",
    table: "characters",
    columns: ["owner_id", "created_at", "id"],
  });
  await createTable(kit, {
    name: "character_attributes",
    columns: {
      id: "text!",
      character_id: "text!",
      attribute_type: "text!",
      attribute_value: "text!",
      prompt_tokens: "json!",
      priority: "int!",
      created_at: "int!",
    },
    options: { primary: ["id"], belongs: { character_id: "characters.id" } },
  });
  await createIndex(kit, {
    name: "character_attributes_order",
    table: "character_attributes",
    columns: ["character_id", "priority desc", "created_at"],
  });
  await createTable(kit, {
    name: "character_variations",
    columns: {
      id: "text!",
      character_id: "text!",
      variation_name: "text!",
      variation_type: "text!",
      prompt_modifiers: "json!",
      reference_asset_id: "text",
      created_at: "int!",
    },
    options: { primary: ["id"], belongs: { character_id: "characters.id" } },
  });
  await createIndex(kit, {
    name: "character_variations_type",
    table: "character_variations",
    columns: ["character_id", "variation_type"],
  });
}

async function createQuality(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "generation_params",
    columns: {
      id: "text!",
      job_id: "text!",
      positive_prompt: "text!",
      negative_prompt: "text!",
      seed: "text!",
      subseed: "text",
      model_name: "text!",
      model_hash: "text",
      vae_name: "text",
      sampler_name: "text",
      scheduler: "text",
      steps: "int",
      cfg_scale: "real",
      width: "int!",
      height: "int!",
      frame_count: "int",
      fps: "real",
      lora_models: "json!",
      controlnet_models: "json!",
      ipadapter_refs: "json!",
      comfyui_workflow: "json!",
      story_bible_version: "text",
      created_at: "int!",
    },
    options: { primary: ["id"], unique: [["job_id"]], belongs: { job_id: "jobs.id" } },
  });
  await createTable(kit, {
    name: "quality_scores",
    columns: {
      id: "text!",
      job_id: "text!",
      phase: "text!",
      scores: "json!",
      thresholds: "json!",
      verdict: "text!",
      blocking_metrics: "json!",
      warnings: "json!",
      created_at: "int!",
    },
    options: { primary: ["id"], belongs: { job_id: "jobs.id" } },
  });
  await createIndex(kit, {
    name: "quality_scores_job",
    table: "quality_scores",
    columns: ["job_id", "created_at"],
  });
}

async function createStoryBibles(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "story_bibles",
    columns: {
      id: "text!",
      project_id: "text!",
      version: "text!",
      art_style: "text",
      color_palette: "json",
      line_weight: "text",
      shading_style: "text",
      setting_description: "text",
      time_period: "text",
      mood_keywords: "json",
      narrative_themes: "json",
      global_seed: "text",
      character_states: "json",
      created_at: "int!",
    },
    options: {
      primary: ["id"],
      unique: [["project_id", "version"]],
      belongs: { project_id: "projects.id" },
    },
  });
}

async function createResearch(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "research_jobs",
    columns: {
      id: "text!",
      owner_id: "text!",
      status: "text!",
      genre_topic: "text!",
      expanded_queries: "json",
      filters: "json!",
      top_n: "int!",
      gemini_model: "text",
      error_message: "text",
      created_at: "int!",
      completed_at: "int",
    },
    options: { primary: ["id"], belongs: { owner_id: "users.id" } },
  });
  await createTable(kit, {
    name: "research_videos",
    columns: {
      id: "text!",
      job_id: "text!",
      video_id: "text!",
      title: "text!",
      channel: "text!",
      published_at: "int",
      views: "int",
      likes: "int",
      duration_seconds: "int",
      description: "text!",
      thumbnail_url: "text",
      url: "text!",
      relevance_score: "real",
      gemini_reasoning: "text",
      selected_for_curation: "flag!",
      created_at: "int!",
    },
    options: { primary: ["id"], unique: [["job_id", "video_id"]], belongs: { job_id: "research_jobs.id" } },
  });
  await createTable(kit, {
    name: "curation_jobs",
    columns: {
      id: "text!",
      owner_id: "text!",
      research_job_id: "text!",
      status: "text!",
      selected_video_ids: "json!",
      creative_brief: "json",
      user_approved_brief: "json",
      num_scenes: "int!",
      image_model: "text!",
      video_model: "text!",
      error_message: "text",
      created_at: "int!",
      approved_at: "int",
    },
    options: {
      primary: ["id"],
      belongs: { owner_id: "users.id", research_job_id: "research_jobs.id" },
    },
  });
  for (const table of ["research_jobs", "curation_jobs"]) {
    await createIndex(kit, { name: `${table}_owner`, table, columns: ["owner_id", "created_at", "id"] });
  }
}

const PRODUCTION: Record<string, Kind> = {
  id: "text!",
  owner_id: "text!",
  curation_job_id: "text!",
  status: "text!",
  job_dir: "text",
  num_tracks: "int!",
  num_scenes: "int!",
  concatenated_audio_path: "text",
  beat_timestamps: "json",
  assembled_video_path: "text",
  final_video_path: "text",
  youtube_video_id: "text",
  youtube_title: "text",
  youtube_description: "text",
  youtube_hashtags: "json",
  total_duration_sec: "real",
  file_size_bytes: "int",
  error_message: "text",
  created_at: "int!",
  published_at: "int",
};

const TRACK: Record<string, Kind> = {
  id: "text!",
  job_id: "text!",
  track_number: "int!",
  song_prompt: "text!",
  suno_task_id: "text",
  suno_status: "text!",
  title: "text",
  duration_seconds: "real",
  audio_url: "text",
  local_audio_path: "text",
  error_message: "text",
  created_at: "int!",
};

const SCENE: Record<string, Kind> = {
  id: "text!",
  job_id: "text!",
  scene_number: "int!",
  description: "text!",
  image_prompt: "text!",
  image_model: "text",
  image_url: "text",
  local_image_path: "text",
  animation_method: "text",
  animation_model: "text",
  animation_decision: "json",
  motion_prompt: "text",
  cometapi_task_id: "text",
  animation_status: "text!",
  local_video_path: "text",
  duration_seconds: "real",
  beat_cut_start_sec: "real",
  beat_cut_end_sec: "real",
  created_at: "int!",
};

async function createProduction(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "production_jobs",
    columns: PRODUCTION,
    options: { primary: ["id"], belongs: { owner_id: "users.id", curation_job_id: "curation_jobs.id" } },
  });
  await createIndex(kit, {
    name: "production_jobs_owner",
    table: "production_jobs",
    columns: ["owner_id", "created_at", "id"],
  });
  const job = { job_id: "production_jobs.id" };
  await createTable(kit, {
    name: "production_tracks",
    columns: TRACK,
    options: { primary: ["id"], unique: [["job_id", "track_number"]], belongs: job },
  });
  await createTable(kit, {
    name: "production_scenes",
    columns: SCENE,
    options: { primary: ["id"], unique: [["job_id", "scene_number"]], belongs: job },
  });
}
